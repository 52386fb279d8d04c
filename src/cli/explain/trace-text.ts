/** A trace for people: one line for each thing that happened, the place in the conf at the right end. */
import type { Loser, Trace, TraceEvent } from './trace.ts'

const LABEL_WIDTH = 12
const PLACE_COLUMN = 76

/** Places under `prefix` are shown relative to it. */
export function traceText(trace: Trace, prefix: string): string {
  const folder = prefix.endsWith('/') ? prefix : `${prefix}/`
  const lines = trace.events.flatMap((event) => eventLines(event))
  const shown = lines.map(({ label, text, place }) => {
    const left = `${label.padEnd(LABEL_WIDTH)}${text}`
    const at = place.startsWith(folder) ? place.slice(folder.length) : place
    return at === '' ? left : `${left.padEnd(PLACE_COLUMN)}  ${at}`
  })
  return `${trace.method} ${trace.url}\n\n${shown.map((line) => `${line.trimEnd()}\n`).join('')}`
}

interface Line {
  readonly label: string
  readonly text: string
  readonly place: string
}

const line = (label: string, text: string, place = ''): Line => ({ label, text, place })

function eventLines(event: TraceEvent): Line[] {
  switch (event.kind) {
    case 'listen':
      return [line('listen', `${event.address}: ${event.why}`)]
    case 'server':
      return [line('server', `${event.label}: ${event.why}`, event.place), ...loserLines(event.losers)]
    case 'location':
      return [
        line('location', `${event.label}: ${event.why}`, event.place),
        ...(event.label === 'none' ? [line('', `for ${event.uri}`)] : []),
        ...loserLines(event.losers),
      ]
    case 'enter':
      return [line('goes into', event.label, event.place)]
    case 'statement':
      return [line('rewrite', `${event.text}${event.effect === '' ? '' : `: ${event.effect}`}`, event.place)]
    case 'handler':
      return [line(event.phase, `${event.module}: ${event.outcome}`, event.place)]
    case 'probe':
      return [line('looks for', `${event.path}: ${event.found}`)]
    case 'upstream':
      return [
        line('upstream', `${event.protocol} to ${event.address}`),
        ...(event.request === '' ? [] : [line('', event.request)]),
        ...event.fields.map(([name, value]) => line('', `${name}: ${value}`)),
      ]
    case 'response':
      return [
        line(
          'response',
          event.status === 0
            ? 'none: the connection is closed'
            : `status ${event.status}${event.stub ? ' (as if the upstream had answered 200)' : ''}`,
        ),
        ...event.fields.map(([name, value]) => line('', `${name}: ${value}`)),
        ...event.added.map(({ text, place }) => line('', text, place)),
      ]
  }
}

function loserLines(losers: readonly Loser[]): Line[] {
  return losers.map(({ label, place, why }) => line('', `not ${label}: ${why}`, place))
}

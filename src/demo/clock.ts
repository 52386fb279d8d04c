/** A response that is made while it is sent: a count to the hour of opening. */
import { StreamingHttpResponse, type HttpRequest } from 'portico/web'

const ticks = 10
const lastWord = 'The doors are open.'

/** How a stream says a number, and how it ends. */
interface Format {
  readonly contentType: string
  tick(left: number): string
  end(): string
}

const text: Format = {
  contentType: 'text/plain; charset=utf-8',
  tick: (left) => `${left}\n`,
  end: () => `${lastWord}\n`,
}

/** What an EventSource reads (HTML, section 9.2, server-sent events). */
const events: Format = {
  contentType: 'text/event-stream; charset=utf-8',
  tick: (left) => `event: tick\ndata: ${left}\n\n`,
  end: () => `event: end\ndata: ${lastWord}\n\n`,
}

export function clock(request: HttpRequest): StreamingHttpResponse {
  const wantsEvents = request.headers.get('Accept')?.includes('text/event-stream') === true
  const format = wantsEvents ? events : text
  const pauseMs =
    typeof request.settings.extra['tickMs'] === 'number' ? request.settings.extra['tickMs'] : 1000
  return new StreamingHttpResponse(countDown(format, pauseMs, request.signal), {
    contentType: format.contentType,
    headers: { 'Cache-Control': 'no-store', Vary: 'Accept' },
  })
}

async function* countDown(format: Format, pauseMs: number, gone: AbortSignal): AsyncGenerator<string> {
  for (let left = ticks; left > 0 && !gone.aborted; left -= 1) {
    yield format.tick(left)
    await pause(pauseMs, gone)
  }
  if (!gone.aborted) yield format.end()
}

/** Until the time is over or nobody waits for it any more. */
function pause(ms: number, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      gone.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    gone.addEventListener('abort', done)
  })
}

import { ImproperlyConfigured } from '../exceptions.ts'
import { regexReverseForms } from './regex-reverse.ts'
import type { Captured, ReversePart, UrlMatcher } from './url-matcher.ts'

/** A regular expression, searched in what is left of the path. With named groups, groups without names count for nothing. */
export class RegexMatcher implements UrlMatcher {
  readonly source: string
  readonly pattern: string
  readonly capturesNothing: boolean
  readonly reverseForms: readonly (readonly ReversePart[])[]
  readonly #regex: RegExp
  readonly #names: readonly string[]

  /** @throws ImproperlyConfigured for a regular expression that is none */
  constructor(pattern: RegExp | string) {
    const regex = typeof pattern === 'string' ? fromPython(pattern) : pattern
    this.source = regex.source
    this.pattern = regex.source
    // A global or sticky one would remember where the last request ended.
    this.#regex = new RegExp(regex.source, regex.flags.replace(/[gy]/g, ''))
    this.#names = groupNames(regex)
    this.capturesNothing = groupCount(regex) === 0
    this.reverseForms = regexReverseForms(regex)
  }

  match(path: string, at: number, endpoint: boolean, captured: Captured): number {
    const rest = at === 0 ? path : path.slice(at)
    const match = this.#regex.exec(rest)
    if (match === null) return -1
    const end = match.index + match[0].length
    // `rePath` writes its own end; only `$` in it says that the path ends there.
    if (!this.capturesNothing) this.#capture(match, captured)
    return endpoint ? path.length : at + end
  }

  #capture(match: RegExpExecArray, captured: Captured): void {
    if (this.#names.length === 0) {
      // A group that took no part keeps its place: those behind it are the view's second and third still.
      captured.args.push(...match.slice(1).map((value) => (value as string | undefined) ?? ''))
      return
    }
    for (const name of this.#names) {
      const value = match.groups?.[name]
      if (value !== undefined) captured.kwargs[name] = value
    }
  }
}

/** Python's way of writing groups, anchors and flags. */
function fromPython(pattern: string): RegExp {
  const flags = /^\(\?([aims]+)\)/.exec(pattern)?.[1] ?? ''
  const source = pattern
    .replace(/^\(\?[aims]+\)/, '')
    .replaceAll('(?P<', '(?<')
    .replace(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replace(/\\[zZ]/g, '$')
    .replaceAll('\\A', '^')
  try {
    return new RegExp(source, [...new Set(flags)].filter((flag) => flag !== 'a').join(''))
  } catch (error) {
    throw new ImproperlyConfigured(`${JSON.stringify(pattern)} is not a valid regular expression`, {
      cause: error,
    })
  }
}

function groupNames(regex: RegExp): string[] {
  const groups = new RegExp(`${regex.source}|`, regex.flags.replace(/[gy]/g, '')).exec('')?.groups
  return groups === undefined ? [] : Object.keys(groups)
}

function groupCount(regex: RegExp): number {
  return (new RegExp(`${regex.source}|`, regex.flags.replace(/[gy]/g, '')).exec('')?.length ?? 1) - 1
}

/**
 * Finds the location of a path the way nginx does: exact by hash, prefixes by a radix tree, regular expressions in
 * order. Cost depends on the length of the path and the number of regular expressions, not of locations.
 */
import type { Pcre, PcreMatch } from '../config/pcre.ts'
import type { AssignNames } from './captures.ts'
import type { Location } from './server-config.ts'

export interface RegexLocation {
  readonly regex: Pcre
  /** Assigns the named groups of a match. */
  readonly assign?: AssignNames | undefined
  readonly location: Location
}

export interface PrefixLocation {
  readonly prefix: string
  readonly location: Location
  /** `^~`: regular expressions of this level are not tried. */
  readonly final: boolean
}

/** `autoRedirect` means: answer 301 to the same path with a slash. */
export interface LocationMatch {
  readonly location: Location | undefined
  readonly captures: PcreMatch | undefined
  readonly autoRedirect: boolean
  readonly assign?: AssignNames | undefined
}

interface RadixNode {
  readonly label: string
  readonly entry: PrefixLocation | undefined
  readonly children: ReadonlyMap<number, RadixNode>
}

export class LocationTable {
  readonly #exact: ReadonlyMap<string, Location>
  readonly #root: RadixNode
  readonly #regexes: readonly RegexLocation[]
  readonly #autoRedirects: ReadonlySet<string>

  constructor(
    exact: ReadonlyMap<string, Location>,
    prefixes: readonly PrefixLocation[],
    regexes: readonly RegexLocation[],
  ) {
    this.#exact = exact
    this.#root = buildRadix(
      [...prefixes].sort((a, b) => (a.prefix < b.prefix ? -1 : 1)),
      0,
      '',
    )
    this.#regexes = regexes
    this.#autoRedirects = redirectedPaths(prefixes)
  }

  find(path: string): LocationMatch {
    const exact = this.#exact.get(path)
    if (exact) return { location: exact, captures: undefined, autoRedirect: false }
    if (this.#autoRedirects.size > 0 && this.#autoRedirects.has(`${path}/`)) {
      return { location: undefined, captures: undefined, autoRedirect: true }
    }
    const prefix = this.#longestPrefix(path)
    const nested = prefix?.location.locations?.find(path)
    if (nested && (nested.autoRedirect || nested.location)) {
      // An exact or prefix match inside still lets this level's regular expressions go first, as in nginx, unless
      // the inner match was exact or itself a regular expression.
      if (nested.autoRedirect || nested.location?.kind === 'exact' || nested.location?.kind === 'regex')
        return nested
    }
    if (!prefix?.final) {
      const match = this.#firstRegex(path)
      if (match) return match
    }
    if (nested?.location) return nested
    return { location: prefix?.location, captures: undefined, autoRedirect: false }
  }

  #firstRegex(path: string): LocationMatch | undefined {
    for (const { regex, location, assign } of this.#regexes) {
      const captures = regex.exec(path)
      if (!captures) continue
      const nested = location.locations?.find(path)
      if (nested && (nested.autoRedirect || nested.location)) {
        return { ...nested, captures: nested.captures ?? captures, assign: nested.assign ?? assign }
      }
      return { location, captures, autoRedirect: false, assign }
    }
    return undefined
  }

  #longestPrefix(path: string): PrefixLocation | undefined {
    let node: RadixNode | undefined = this.#root
    let best = node.entry
    let at = 0
    while (at < path.length) {
      node = node.children.get(path.charCodeAt(at))
      if (!node || !path.startsWith(node.label, at)) break
      at += node.label.length
      if (node.entry) best = node.entry
    }
    return best
  }
}

/** Prefixes whose path without the slash is redirected to them, unless a location of just that name answers it. */
function redirectedPaths(prefixes: readonly PrefixLocation[]): ReadonlySet<string> {
  const taken = new Set(prefixes.map(({ prefix }) => `${prefix}/`))
  const passing = prefixes.filter(({ location, prefix }) => location.autoRedirect && prefix.endsWith('/'))
  return new Set(passing.map(({ prefix }) => prefix).filter((prefix) => !taken.has(prefix)))
}

/** `sorted` all share their first `depth` characters. */
function buildRadix(sorted: readonly PrefixLocation[], depth: number, label: string): RadixNode {
  const entry = sorted.find(({ prefix }) => prefix.length === depth)
  const groups = new Map<number, PrefixLocation[]>()
  for (const item of sorted) {
    if (item.prefix.length === depth) continue
    const code = item.prefix.charCodeAt(depth)
    const group = groups.get(code)
    if (group) group.push(item)
    else groups.set(code, [item])
  }
  const children = new Map<number, RadixNode>()
  for (const [code, group] of groups) {
    const end = commonEnd(group, depth)
    children.set(code, buildRadix(group, end, group[0]?.prefix.slice(depth, end) ?? ''))
  }
  return { label, entry, children }
}

/** First index from `depth` where the prefixes differ or the shortest ends. Sorted: first and last differ most. */
function commonEnd(group: readonly PrefixLocation[], depth: number): number {
  const first = group[0]?.prefix ?? ''
  const last = group.at(-1)?.prefix ?? ''
  let end = depth + 1
  while (end < first.length && first.charCodeAt(end) === last.charCodeAt(end)) end += 1
  return end
}

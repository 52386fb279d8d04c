/** Patterns of glob(3) (POSIX.1-2017, "Pattern Matching Notation"), over an injected listing of folders. */

/** Names in a folder without `.` and `..`; none for what is no folder or cannot be read. */
export type ListFolder = (folder: string) => readonly string[]

/** Paths that exist and match, unsorted. A wildcard never stands for `/`, nor for the dot a name begins with. */
export function expandGlob(pattern: string, list: ListFolder): string[] {
  const absolute = pattern.startsWith('/')
  const segments = pattern.split('/').filter((segment) => segment !== '')
  let found = [absolute ? '/' : '']
  for (const segment of segments) {
    found = found.flatMap((folder) =>
      matchesIn(folder, segment, list).map(
        (name) => (folder === '' || folder === '/' ? folder : `${folder}/`) + name,
      ),
    )
  }
  return segments.length === 0 ? [] : found
}

function matchesIn(folder: string, segment: string, list: ListFolder): readonly string[] {
  if (segment === '.' || segment === '..') return [segment]
  return list(folder === '' ? '.' : folder).filter((name) => matchGlob(segment, name))
}

/** One path segment against one name. Linear in the name for each `*`, never exponential. */
export function matchGlob(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.') && !pattern.startsWith('\\.')) return false
  const parts = compile(pattern)
  let part = 0
  let at = 0
  // where to go on when a match fails: after the last `*`, one more character into the name
  let star = -1
  let starAt = 0
  while (at < name.length) {
    const test = parts[part]
    if (test === '*') {
      star = ++part
      starAt = at
    } else if (test?.(name.charAt(at))) {
      part++
      at++
    } else if (star >= 0) {
      part = star
      at = ++starAt
    } else {
      return false
    }
  }
  while (parts[part] === '*') part++
  return part === parts.length
}

type Part = '*' | ((char: string) => boolean)

function compile(pattern: string): Part[] {
  const parts: Part[] = []
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at)
    const end = char === '[' ? endOfBracket(pattern, at) : -1
    if (char === '*') parts.push('*')
    else if (char === '?') parts.push(() => true)
    else if (end > 0) {
      parts.push(compileBracket(pattern.slice(at + 1, end)))
      at = end
    } else {
      const literal = char === '\\' && at + 1 < pattern.length ? pattern.charAt(++at) : char
      parts.push((other) => other === literal)
    }
  }
  return parts
}

/** Index of the `]` that ends the expression, -1 when `[` is an ordinary character. A `]` first in it is a member. */
function endOfBracket(pattern: string, open: number): number {
  let at = open + 1
  if (pattern[at] === '!' || pattern[at] === '^') at++
  if (pattern[at] === ']') at++
  for (; at < pattern.length; at++) {
    if (pattern.startsWith('[:', at)) {
      const end = pattern.indexOf(':]', at + 2)
      if (end > 0) at = end + 1
    } else if (pattern[at] === '\\') at++
    else if (pattern[at] === ']') return at
  }
  return -1
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[\0-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\v\f\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
}

function compileBracket(body: string): (char: string) => boolean {
  const negated = body.startsWith('!') || body.startsWith('^')
  const tests = bracketMembers(negated ? body.slice(1) : body)
  return (char) => tests.some((test) => test(char)) !== negated
}

function bracketMembers(body: string): ((char: string) => boolean)[] {
  const tests: ((char: string) => boolean)[] = []
  for (let at = 0; at < body.length; at++) {
    const named = /^\[:([a-z]+):\]/.exec(body.slice(at))
    const set = named?.[1] === undefined ? undefined : CLASSES[named[1]]
    if (named && set) {
      tests.push((char) => set.test(char))
      at += named[0].length - 1
      continue
    }
    if (body[at] === '\\' && at + 1 < body.length) at++
    const from = body.charAt(at)
    if (body[at + 1] !== '-' || at + 2 >= body.length) {
      tests.push((char) => char === from)
      continue
    }
    at += body[at + 2] === '\\' && at + 3 < body.length ? 3 : 2
    const to = body.charAt(at)
    tests.push((char) => char >= from && char <= to)
  }
  return tests
}

/**
 * The request target made canonical, once: every matcher, rule, cache key and file look-up uses this path and no other.
 * The rules are those of nginx's ngx_http_parse_complex_uri: percent escapes are decoded once, then dot segments go and
 * slashes merge, decoded ones included; `#` ends the path; `%00`, a bad escape and climbing above the root are errors.
 */

export interface NormalTarget {
  /** Decoded, without dot segments; one code point for each octet. Begins with `/`, or is `*`. */
  readonly path: string
  /** Path and query as they stood on the wire, without scheme and authority: nginx's $request_uri. */
  readonly rawPath: string
  /** Behind the `?`, without it and as on the wire. */
  readonly args: string
  /** Whether there was a `?`, though nothing may stand behind it. */
  readonly hasArgs: boolean
  /** The path is not what stood on the wire: a redirect or a request to an upstream has to escape it again. */
  readonly complex: boolean
}

export interface TargetRules {
  /** `merge_slashes`. */
  readonly mergeSlashes: boolean
}

const SLASH = 47
const PERCENT = 37
const QUESTION = 63
const HASH = 35
const DOT = 46

/** Undefined for a target that is refused with 400. */
export function normalizeTarget(target: string, rules: TargetRules): NormalTarget | undefined {
  if (target.charCodeAt(0) !== SLASH) return otherForm(target, rules)
  const length = target.length
  let afterSlash = false
  for (let i = 0; i < length; i++) {
    const code = target.charCodeAt(i)
    if (code > QUESTION) afterSlash = false
    else if (code === QUESTION) return simple(target, i)
    else if (code === PERCENT || code === HASH) return complexTarget(target, rules)
    else if (afterSlash && (code === DOT || code === SLASH)) return complexTarget(target, rules)
    else afterSlash = code === SLASH
  }
  return { path: target, rawPath: target, args: '', hasArgs: false, complex: false }
}

function simple(target: string, question: number): NormalTarget {
  const hash = target.indexOf('#', question)
  const args = target.slice(question + 1, hash < 0 ? target.length : hash)
  return { path: target.slice(0, question), rawPath: target, args, hasArgs: true, complex: false }
}

/** Absolute form and `*`. */
function otherForm(target: string, rules: TargetRules): NormalTarget | undefined {
  if (target === '*') return { path: '*', rawPath: '*', args: '', hasArgs: false, complex: false }
  const authority = target.indexOf('://')
  if (authority < 0) return undefined
  const start = target.slice(authority + 3).search(/[/?#]/)
  const rest = start < 0 ? '' : target.slice(authority + 3 + start)
  if (rest.charCodeAt(0) === HASH) return undefined
  if (rest.charCodeAt(0) === SLASH) return normalizeTarget(rest, rules)
  const normal = normalizeTarget('/' + rest, rules)
  return normal === undefined ? undefined : { ...normal, rawPath: rest === '' ? '/' : rest, complex: true }
}

function complexTarget(target: string, rules: TargetRules): NormalTarget | undefined {
  const question = target.indexOf('?')
  const hash = target.indexOf('#')
  const fragment = hash < 0 ? target.length : hash
  const hasArgs = question >= 0 && question < fragment
  const octets = decode(target, hasArgs ? question : fragment)
  const path = octets === undefined ? undefined : removeDots(octets, rules.mergeSlashes)
  if (path === undefined) return undefined
  const args = hasArgs ? target.slice(question + 1, fragment) : ''
  return { path, rawPath: target, args, hasArgs, complex: true }
}

/** Percent-decoded once; undefined for a bad escape and for NUL. */
function decode(target: string, end: number): string | undefined {
  let from = 0
  let decoded = ''
  for (;;) {
    const at = target.indexOf('%', from)
    if (at < 0 || at >= end) return decoded + target.slice(from, end)
    const high = at + 2 < end ? hexDigit(target.charCodeAt(at + 1)) : -1
    const low = at + 2 < end ? hexDigit(target.charCodeAt(at + 2)) : -1
    const code = high * 16 + low
    if (high < 0 || low < 0 || code === 0) return undefined
    decoded += target.slice(from, at) + String.fromCharCode(code)
    from = at + 3
  }
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

/** Undefined when `..` climbs above the root. */
function removeDots(path: string, mergeSlashes: boolean): string | undefined {
  const segments = path.split('/')
  const kept: string[] = ['']
  const last = segments.length - 1
  for (let i = 1; i <= last; i++) {
    const segment = segments[i] ?? ''
    const isDots = segment === '.' || segment === '..'
    if (segment === '..') {
      if (kept.length === 1) return undefined
      kept.pop()
    } else if (!isDots && (segment !== '' || !mergeSlashes)) {
      kept.push(segment)
    }
    // what ends in a slash or a dot segment keeps its slash
    if (i === last && (isDots || (segment === '' && mergeSlashes))) kept.push('')
  }
  return kept.length === 1 ? '/' : kept.join('/')
}

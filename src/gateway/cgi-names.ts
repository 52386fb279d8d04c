/**
 * Header names and the names of CGI variables: the only place that knows how one becomes the other (RFC 3875
 * section 4.1.18).
 *
 * Rules of this file: `X-Foo`, `X_Foo` and `X.Foo` would all become HTTP_X_FOO, so names outside [A-Za-z0-9-] have
 * no variable at all (CVE-2015-0219); `Proxy` has none, since HTTP_PROXY configures the application's own HTTP
 * client (httpoxy, CVE-2016-5385); Content-Type and Content-Length have none because CONTENT_TYPE and
 * CONTENT_LENGTH are the gateway's to set.
 */

const HEADER_NAME = /^[A-Za-z0-9-]+$/
const NEVER = new Set(['proxy', 'content-type', 'content-length'])

/** Clients choose the names, so the memory is bounded. Full, it begins anew: it must not stay full of made-up names. */
const MAX_REMEMBERED = 1024
const CGI_NAMES = new Map<string, string | undefined>()

/** `x-foo` to `HTTP_X_FOO`; undefined for a header that must not reach an environ. */
export function headerToCgiName(name: string): string | undefined {
  const known = CGI_NAMES.get(name)
  if (known !== undefined || CGI_NAMES.has(name)) return known
  const own = ownText(name)
  const made = makeCgiName(own)
  if (CGI_NAMES.size >= MAX_REMEMBERED) CGI_NAMES.clear()
  CGI_NAMES.set(own, made)
  return made
}

/** What came as a part of a block's text keeps all of that in memory. */
const ownText = (name: string): string => Buffer.from(name).toString()

function makeCgiName(name: string): string | undefined {
  if (!HEADER_NAME.test(name) || NEVER.has(name.toLowerCase())) return undefined
  return `HTTP_${name.toUpperCase().replaceAll('-', '_')}`
}

/** `HTTP_X_FOO` to `x-foo`, `CONTENT_TYPE` to `content-type`; undefined for a variable that is no header. */
export function cgiNameToHeader(name: string): string | undefined {
  if (name === 'CONTENT_TYPE') return 'content-type'
  if (name === 'CONTENT_LENGTH') return 'content-length'
  if (!/^HTTP_[A-Z0-9_]+$/.test(name)) return undefined
  return name.slice('HTTP_'.length).toLowerCase().replaceAll('_', '-')
}

/** What is to be done with a variable that a front sent. */
export type CgiNameKind = 'variable' | 'content' | 'header' | 'never'

const KINDS = new Map<string, CgiNameKind>()

/**
 * `header` for HTTP_..., `content` for CONTENT_TYPE and CONTENT_LENGTH, `variable` for any other CGI variable.
 * `never` for what no front has a reason to send: HTTP_PROXY, HTTP_CONTENT_LENGTH and its sibling, and names with
 * other characters, which could be keys of ours (`wsgi.input`).
 */
export function cgiNameKind(name: string): CgiNameKind {
  const known = KINDS.get(name)
  if (known !== undefined) return known
  const kind = classify(name)
  if (KINDS.size >= MAX_REMEMBERED) KINDS.clear()
  KINDS.set(ownText(name), kind)
  return kind
}

function classify(name: string): CgiNameKind {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return 'never'
  if (name === 'HTTP_PROXY' || name === 'HTTP_CONTENT_TYPE' || name === 'HTTP_CONTENT_LENGTH') return 'never'
  if (name === 'CONTENT_TYPE' || name === 'CONTENT_LENGTH') return 'content'
  return name.startsWith('HTTP_') ? 'header' : 'variable'
}

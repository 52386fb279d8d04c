/**
 * The request line, read with care: what the decoder's fast path does not recognise at once. nginx's automaton is the
 * rule (several blanks between the parts, HTTP/0.9, octets from 0x80 on are accepted), `strict` is RFC 9112 section 3.
 * Judged in the order of the octets, so that a method is found invalid before anything behind it.
 */
import type { Host } from '../../http/host.ts'
import { parseHost } from '../../http/host.ts'
import { Http1Error } from './http1-error.ts'

export interface RequestLine {
  readonly method: string
  readonly target: string
  readonly version: 9 | 10 | 11
  /** Of the absolute form and of CONNECT. */
  readonly host: Host | undefined
}

/** Longest method; the longest registered one has 17 letters. */
export const MAX_METHOD = 64

/** Octets of a method, as nginx has them: capital letters, hyphen, underscore. */
export const METHOD_CODES = new Uint8Array(256)
/** Octets of a target: 1 in RFC 3986, 2 only without `strict`. */
export const TARGET_CODES = new Uint8Array(256)
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ-_') METHOD_CODES[char.charCodeAt(0)] = 1
for (let code = 33; code < 256; code++) if (code !== 127) TARGET_CODES[code] = code < 127 ? 1 : 2
for (const char of '#"<>\\^`{|}') TARGET_CODES[char.charCodeAt(0)] = 2

const SLASH = 47

/** `line` is without its LF. */
export function parseRequestLine(line: string, strict: boolean): RequestLine {
  const method = line.slice(0, methodEnd(line))
  if (method === '' || method.length > MAX_METHOD || line[method.length] !== ' ') {
    throw new Http1Error('invalid_method', line)
  }
  const end = line.endsWith('\r') ? line.length - 1 : line.length
  if (strict && end === line.length) throw new Http1Error('invalid_request', line)
  const targetStart = skipSpaces(line, method.length, strict, end)
  const targetEnd = findTargetEnd(line, targetStart, end, strict)
  const target = line.slice(targetStart, targetEnd)
  const host = checkTarget(method, target, line, strict)
  const version = parseVersion(line, targetEnd, end, strict)
  if (version === 9 && method !== 'GET') throw new Http1Error('invalid_09_method', line)
  if (version === 9 && target.charCodeAt(0) !== SLASH) throw new Http1Error('invalid_request', line)
  return { method, target, version, host }
}

function methodEnd(line: string): number {
  let at = 0
  while (METHOD_CODES[line.charCodeAt(at)] === 1) at++
  return at
}

/** Behind the blanks at `from`; `strict` takes exactly one. */
function skipSpaces(line: string, from: number, strict: boolean, end: number): number {
  let at = from
  while (at < end && line[at] === ' ') at++
  if (strict && at !== from + 1) throw new Http1Error('invalid_request', line)
  return at
}

function findTargetEnd(line: string, from: number, end: number, strict: boolean): number {
  const most = strict ? 1 : 2
  let at = from
  for (; at < end && line[at] !== ' '; at++) {
    const kind = TARGET_CODES[line.charCodeAt(at)] ?? 0
    if (kind === 0 || kind > most) throw new Http1Error('invalid_request', line)
  }
  return at
}

/**
 * Refuses targets of no form of RFC 9112 section 3.2; CONNECT with a path is left to who answers 405. Gives
 * the host that the target names.
 */
function checkTarget(method: string, target: string, line: string, strict: boolean): Host | undefined {
  if (method === 'CONNECT' && (strict || target.charCodeAt(0) !== SLASH)) return authorityHost(target, line)
  if (target.charCodeAt(0) === SLASH) return undefined
  if (target === '*' && method === 'OPTIONS') return undefined
  const authority = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?]*)/.exec(target)?.[1]
  if (authority === undefined) throw new Http1Error('invalid_request', line)
  const host = parseHost(authority)
  if (host === undefined) throw new Http1Error('invalid_target_host', line)
  return host
}

function authorityHost(target: string, line: string): Host {
  const host = /:[0-9]+$/.test(target) ? parseHost(target) : undefined
  if (host === undefined) throw new Http1Error('invalid_request', line)
  return host
}

const VERSION = /^HTTP\/([1-9])(.*)$/

/** RFC 9112 section 2.3. A minor version beyond 1 is taken as 1 (RFC 9110 section 6.2). */
function parseVersion(line: string, from: number, end: number, strict: boolean): 9 | 10 | 11 {
  const at = from < end ? skipSpaces(line, from, strict, end) : end
  if (at === end) {
    if (strict) throw new Http1Error('invalid_request', line)
    return 9
  }
  const [, major, rest] = VERSION.exec(line.slice(at, end)) ?? []
  if (major === undefined || rest === undefined) throw new Http1Error('invalid_request', line)
  if (major !== '1' || /^[0-9]/.test(rest)) throw new Http1Error('invalid_version', line)
  const minor = /^\.([0-9])( *)$/.exec(rest)
  if (minor === null || (strict && minor[2] !== '')) throw new Http1Error('invalid_request', line)
  return minor[1] === '0' ? 10 : 11
}

/**
 * Checks of what an application gives to startResponse (PEP 3333, "The start_response() Callable"). The types say
 * most of it, but applications are not always typed, and mistakes seen in tutorials get a sentence of their own.
 *
 * Rules of this file: whatever passes is one line of a response head each, in Latin-1, and frames nothing.
 */
import { parseContentLength } from '../http/content-length.ts'
import { isToken } from '../http/token.ts'
import type { HeaderPair } from './application.ts'
import { describeValue } from './describe-value.ts'
import { WsgiError } from './wsgi-error.ts'

/** Three digits from 200 on, a space, a reason without control characters. 1xx are the server's. */
const STATUS = /^[2-9][0-9][0-9] [\t\x20-\x7e\x80-\xff]*$/
/** PEP 3333 forbids all control characters; the tab is left to the validator, since RFC 9110 allows it. */
const BAD_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/

/** RFC 9110 section 7.6.1 and RFC 2616 section 13.5.1, the list that PEP 3333 means. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'trailers',
  'transfer-encoding',
  'upgrade',
])

type NameKind = 'plain' | 'content-length' | 'hop-by-hop' | 'status' | 'invalid'

/** Applications use the same few names all the time. */
const KINDS = new Map<string, NameKind>()
const MAX_KINDS = 1000

/** @throws WsgiError WSGI_BAD_STATUS. Answers the code. */
export function checkStatus(status: string): number {
  if (typeof status === 'string' && STATUS.test(status)) return Number(status.slice(0, 3))
  throw new WsgiError('WSGI_BAD_STATUS', statusMessage(status))
}

function statusMessage(status: unknown): string {
  if (typeof status !== 'string') {
    return `startResponse got ${describeValue(status)} as status; write a string like '200 OK'`
  }
  const shown = JSON.stringify(status.slice(0, 60))
  if (/^1[0-9][0-9]\b/.test(status)) {
    return `startResponse got status ${shown}; 1xx answers belong to the server, not to applications`
  }
  if (/^[2-9][0-9][0-9]$/.test(status)) {
    return `startResponse got status ${shown}; write the reason too, like '200 OK'`
  }
  return `startResponse got status ${shown}; write three digits, a space and a reason, like '200 OK'`
}

/**
 * @throws WsgiError WSGI_BAD_HEADERS, WSGI_BAD_HEADER, WSGI_HOP_BY_HOP.
 * Answers the value of Content-Length, or -1 without one.
 */
export function checkHeaders(headers: readonly HeaderPair[]): number {
  if (!Array.isArray(headers)) {
    throw new WsgiError(
      'WSGI_BAD_HEADERS',
      `startResponse got ${describeValue(headers)} as headers; write an array of pairs: [['Content-Type', 'text/plain']]`,
    )
  }
  let length = -1
  for (const pair of headers) {
    const [name, value] = checkPair(pair)
    if (BAD_IN_VALUE.test(value)) throw badValue(name, value)
    const kind = KINDS.get(name) ?? kindOf(name)
    if (kind === 'plain') continue
    if (kind !== 'content-length') throw badName(name, kind)
    if (length >= 0) throw new WsgiError('WSGI_BAD_HEADER', 'Content-Length is there twice; send it once')
    length = contentLength(value)
  }
  return length
}

function checkPair(pair: unknown): readonly [string, string] {
  if (Array.isArray(pair) && pair.length === 2) {
    const [name, value] = pair as readonly unknown[]
    if (typeof name === 'string' && typeof value === 'string') return [name, value]
    throw new WsgiError(
      'WSGI_BAD_HEADERS',
      `a header is the pair [${describeValue(name)}, ${describeValue(value)}]; both have to be strings`,
    )
  }
  const hint = Array.isArray(pair) ? '' : ' objects, maps and lines of text are not looked into;'
  throw new WsgiError(
    'WSGI_BAD_HEADERS',
    `a header is ${describeValue(pair)};${hint} write a pair: ['Content-Type', 'text/plain']`,
  )
}

function kindOf(name: string): NameKind {
  const kind = classify(name)
  if (KINDS.size >= MAX_KINDS) KINDS.clear()
  KINDS.set(name, kind)
  return kind
}

function classify(name: string): NameKind {
  if (!isToken(name)) return 'invalid'
  const lower = name.toLowerCase()
  if (lower === 'content-length' || lower === 'status') return lower
  return HOP_BY_HOP.has(lower) ? 'hop-by-hop' : 'plain'
}

function badName(name: string, kind: NameKind): WsgiError {
  const shown = JSON.stringify(name.slice(0, 60))
  if (kind === 'hop-by-hop') {
    return new WsgiError(
      'WSGI_HOP_BY_HOP',
      `the header ${shown} is about the connection, which belongs to the server; leave it out`,
    )
  }
  if (kind === 'status') {
    return new WsgiError(
      'WSGI_BAD_HEADER',
      'the header "Status" would set the status a second time; give the status as first argument of startResponse',
    )
  }
  return new WsgiError('WSGI_BAD_HEADER', `${shown} is not a header name; letters, digits and hyphens are`)
}

function badValue(name: string, value: string): WsgiError {
  const found = BAD_IN_VALUE.exec(value)?.[0] ?? ''
  const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
  const hint =
    found > '\xff'
      ? "encode it: Buffer.from(text).toString('latin1'), or as RFC 8187 says"
      : 'a header is one line without control characters'
  return new WsgiError(
    'WSGI_BAD_HEADER',
    `the value of the header ${JSON.stringify(name.slice(0, 60))} has the character U+${code}; ${hint}`,
  )
}

function contentLength(value: string): number {
  const length = parseContentLength(value)
  if (length !== undefined) return length
  throw new WsgiError(
    'WSGI_BAD_HEADER',
    `Content-Length ${JSON.stringify(value.slice(0, 60))} is not a number of bytes`,
  )
}

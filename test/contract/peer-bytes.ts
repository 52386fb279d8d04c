/** Reads peer-bytes.md, and writes down what our codecs make of the bytes in it. */
import { CgiResponseHeadDecoder } from '../../src/gateway/cgi-response.ts'
import { environFromParams } from '../../src/gateway/environ.ts'
import { LineErrorStream } from '../../src/gateway/error-stream.ts'
import { emptyInput } from '../../src/gateway/input-stream.ts'
import { FastcgiRequestDecoder } from '../../src/protocol/fastcgi/request-decoder.ts'
import { FastcgiResponseDecoder } from '../../src/protocol/fastcgi/response-decoder.ts'
import { UwsgiRequestDecoder } from '../../src/protocol/uwsgi/request-decoder.ts'
import { codeOf } from './feeds.ts'

export interface PeerBytes {
  readonly title: string
  readonly kind: Kind
  readonly bytes: Buffer
  readonly events: string[]
}

type Kind = 'fastcgi request' | 'fastcgi response' | 'uwsgi request' | 'uwsgi response'

/** Sections `## title`, a line `kind`, a block of bytes as Latin-1 with `\xHH`, broken anywhere, and a block of events. */
export function readPeerBytes(markdown: string): PeerBytes[] {
  return markdown
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [title = '', , kind = ''] = section.split('\n')
      const [bytes = '', events = ''] = [...section.matchAll(/^```\n([^]*?)\n```$/gm)].map(
        (match) => match[1] ?? '',
      )
      const text = bytes
        .replaceAll('\n', '')
        .replace(/\\x(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
      return { title, kind: kind as Kind, bytes: Buffer.from(text, 'latin1'), events: events.split('\n') }
    })
}

const show = (value: string) =>
  value.replace(/[^ -[\]-~]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)

const showBody = (body: string) => (body === '' ? 'no body' : `body ${show(body)}`)

/** One line for each thing that comes out, joined over pieces of one stream. */
export function eventsOf(kind: Kind, chunks: readonly Buffer[]): string[] {
  const lines: string[] = []
  switch (kind) {
    case 'fastcgi request':
      readFastcgiRequest(chunks, lines)
      break
    case 'uwsgi request':
      readUwsgiRequest(chunks, lines)
      break
    case 'fastcgi response':
      readFastcgiResponse(chunks, lines)
      break
    case 'uwsgi response':
      readHead(chunks, lines)
  }
  return lines
}

function readFastcgiRequest(chunks: readonly Buffer[], lines: string[]): void {
  const decoder = new FastcgiRequestDecoder()
  let body = ''
  for (const chunk of chunks) {
    decoder.receive(chunk)
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) {
      if (event.type === 'begin')
        lines.push(`begin ${event.id} role ${event.role} keep ${event.keepConnection}`)
      else if (event.type === 'params') showParams(event.params, lines)
      else if (event.type === 'stdin') body += event.data.toString('latin1')
      else lines.push(showBody(body), event.type)
    }
  }
  decoder.receiveEnd()
}

function readUwsgiRequest(chunks: readonly Buffer[], lines: string[]): void {
  const decoder = new UwsgiRequestDecoder()
  let body = ''
  for (const chunk of chunks) {
    decoder.receive(chunk)
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) {
      if (event.type === 'request') {
        lines.push(`request ${event.modifier1} ${event.modifier2}, ${event.bodyLength} bytes of body`)
        showParams(event.vars, lines)
      } else if (event.type === 'body') {
        body += event.data.toString('latin1')
      } else {
        lines.push(showBody(body), event.type)
      }
    }
  }
  decoder.receiveEnd()
}

function showParams(params: readonly string[], lines: string[]): void {
  for (let i = 0; i < params.length; i += 2) lines.push(`  ${params[i]}=${show(params[i + 1] ?? '')}`)
  const errors = new LineErrorStream(() => undefined)
  const environ = environFromParams(params, { input: emptyInput, errors, multiprocess: false })
  const given = new Map<string, unknown>()
  for (let i = 0; i < params.length; i += 2) given.set(params[i] ?? '', params[i + 1])
  lines.push('environ, where it differs:')
  for (const key of Object.keys(environ)) {
    const value = environ[key]
    if (typeof value === 'string' && given.get(key) !== value) lines.push(`  ${key}=${show(value)}`)
  }
  for (const key of given.keys()) if (!(key in environ)) lines.push(`  no ${key}`)
}

function readFastcgiResponse(chunks: readonly Buffer[], lines: string[]): void {
  const decoder = new FastcgiResponseDecoder()
  decoder.open(1)
  const stdout: Buffer[] = []
  let stderr = ''
  const ends: string[] = []
  for (const chunk of chunks) {
    decoder.receive(chunk)
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) {
      if (event.type === 'stdout') stdout.push(Buffer.from(event.data))
      else if (event.type === 'stderr') stderr += event.data.toString('latin1')
      else ends.push(JSON.stringify(event))
    }
  }
  if (stderr !== '') lines.push(`stderr ${show(stderr)}`)
  if (stdout.length > 0 || ends[0]?.includes('"end"') === true) readHead(stdout, lines)
  lines.push(...ends)
}

function readHead(chunks: readonly Buffer[], lines: string[]): void {
  const decoder = new CgiResponseHeadDecoder()
  try {
    for (const [index, chunk] of chunks.entries()) {
      decoder.receive(chunk)
      const head = decoder.next()
      if (head === undefined) continue
      lines.push(`head ${head.status} ${head.reason}`)
      for (const [at, name] of head.headers.rawNames.entries())
        lines.push(`  ${name}: ${show(head.headers.values[at] ?? '')}`)
      const body = Buffer.concat([decoder.rest(), ...chunks.slice(index + 1)])
      lines.push(showBody(body.toString('latin1')))
      return
    }
    decoder.receiveEnd()
  } catch (error) {
    lines.push(codeOf(error))
  }
}

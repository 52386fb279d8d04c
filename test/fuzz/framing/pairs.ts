/** Pairs of sound requests that say in every part which of the two they are. */
import fc from 'fast-check'
import type { Seen } from './seen.ts'
import { digest } from './seen.ts'

export interface Pair {
  /** Of both, one behind the other. Latin-1. */
  readonly bytes: string
  /** As who is behind an HTTP upstream has to see them. */
  readonly requests: readonly [Seen, Seen]
}

interface Shape {
  readonly method: string
  readonly path: string
  readonly fields: readonly (readonly [string, string])[]
  readonly framing: 'length' | 'chunked'
  readonly bodyParts: readonly string[]
  readonly repeat: number
  readonly extension: string
  readonly trailer: string
  readonly emptyLine: boolean
}

// what would do harm if it were taken for the beginning of a message, or the end of one
const BODY_PARTS = [
  'GET /smuggled HTTP/1.1\r\nHost: evil\r\n\r\n', '\r\n\r\n', '0\r\n\r\n', '\r\n0\r\n\r\n', '0', 'Content-Length: 5\r\n', 'x', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n',
  '\0\0', 'ffffffff\r\n', '5\r\nhello\r\n', '\n', '\r', '\xff\xfe', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', '\x01\x06\0\x01\0\x08\0\0',
] // prettier-ignore
const VALUES = ['', '1', 'chunked', 'a, b', 'a; b="c"', '\xe9', 'HTTP/1.1', '0', 'a\tb', 'x'.repeat(700)]

const shape: fc.Arbitrary<Shape> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'),
  path: fc.constantFrom('/', '/a', '/a?b=c', '/a/../b', '/%0d%0a', '/?GET%20/', '//a', '/a?0'),
  fields: fc.array(fc.tuple(fc.constantFrom('X-A', 'x-b', 'Cookie', 'Content-Type', 'Accept'), fc.constantFrom(...VALUES)), {
    maxLength: 4,
  }), // prettier-ignore
  framing: fc.constantFrom('length', 'chunked'),
  bodyParts: fc.array(fc.constantFrom(...BODY_PARTS), { maxLength: 5 }),
  repeat: fc.oneof({ weight: 30, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.nat(4000) }),
  extension: fc.constantFrom('', '', ';a', ';a=b', '; a="b;\\"c"'),
  trailer: fc.constantFrom('', '', 'X-Trailer: t\r\n'),
  emptyLine: fc.boolean(),
})

/** `mark` is in the path, in a field and around every part of the body. */
function write(shape: Shape, mark: string): { bytes: string; seen: Seen } {
  const { method, framing, extension, trailer } = shape
  const target = `${shape.path}${shape.path.includes('?') ? '&' : '?'}${mark}`
  const fields = unique([['X-Mark', mark], ...shape.fields])
  const parts = shape.bodyParts.map((part) => mark + part.repeat(shape.repeat) + mark)
  const body = parts.join('')
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const length =
    framing === 'length' ? `Content-Length: ${body.length}\r\n` : 'Transfer-Encoding: chunked\r\n'
  const chunks = parts.map((part) => `${part.length.toString(16)}${extension}\r\n${part}\r\n`).join('')
  return {
    bytes:
      `${method} ${target} HTTP/1.1\r\nHost: ${mark}\r\n${lines}${length}\r\n` +
      (framing === 'length' ? body : `${chunks}0${extension}\r\n${trailer}\r\n`) +
      (shape.emptyLine ? '\r\n' : ''),
    seen: {
      method,
      target,
      fields: fields.map(([name, value]): [string, string] => [name.toLowerCase(), value]),
      body: digest(body),
    },
  }
}

/** A field of a name that comes once only, as the front would not say what two of them mean. */
function unique(fields: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  return fields.filter(([name], index) => fields.findIndex((other) => other[0] === name) === index)
}

export const pairs: fc.Arbitrary<Pair> = fc.tuple(shape, shape).map(([one, two]) => {
  const first = write(one, 'first')
  const second = write(two, 'second')
  return { bytes: first.bytes + second.bytes, requests: [first.seen, second.seen] }
})

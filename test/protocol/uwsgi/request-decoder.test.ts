import { describe, expect, it } from 'vitest'
import {
  UWSGI_REQUEST_LIMITS,
  UwsgiRequestDecoder,
  type UwsgiRequestEvent,
  type UwsgiRequestLimits,
} from '../../../src/protocol/uwsgi/request-decoder.ts'
import { codeOf, collect, feeds, joinPieces } from '../../contract/feeds.ts'
import { block, packet } from './packets.ts'

function show(event: UwsgiRequestEvent): string {
  if (event.type === 'request') {
    return `request ${event.modifier1} ${event.modifier2} ${event.vars.join('|')} +${event.bodyLength}`
  }
  return event.type === 'body' ? `body ${event.data.toString('latin1')}` : event.type
}

interface Case {
  readonly name: string
  readonly bytes: Buffer
  readonly seen: readonly string[]
  readonly limits?: Partial<UwsgiRequestLimits>
  /** Bytes came behind the body. */
  readonly extra?: true
}

const size = (value: number) => Buffer.from([value & 255, value >> 8])
const raw = (...parts: (Buffer | string)[]) =>
  packet(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part))))
const POST = packet(block('CONTENT_LENGTH', '5'))

const CASES: Case[] = [
  { name: 'a request', bytes: packet(block('A', 'b', 'E', '')), seen: ['request 0 0 A|b|E| +0', 'body end'] },
  {
    name: '8-bit octets',
    bytes: packet(block('A', '\xe9\xff\0')),
    seen: ['request 0 0 A|\xe9\xff\0 +0', 'body end'],
  },
  {
    name: 'a body',
    bytes: Buffer.concat([POST, Buffer.from('hello')]),
    seen: ['request 0 0 CONTENT_LENGTH|5 +5', 'body hello', 'body end'],
  },
  {
    name: 'bytes behind the body',
    bytes: Buffer.concat([POST, Buffer.from('hello'), POST]),
    seen: ['request 0 0 CONTENT_LENGTH|5 +5', 'body hello', 'body end'],
    extra: true,
  },
  {
    name: 'bytes without CONTENT_LENGTH',
    bytes: Buffer.concat([packet(block('A', 'b')), Buffer.from('x')]),
    seen: ['request 0 0 A|b +0', 'body end'],
    extra: true,
  },
  {
    name: 'a short body',
    bytes: Buffer.concat([POST, Buffer.from('hell')]),
    seen: ['request 0 0 CONTENT_LENGTH|5 +5', 'body hell'],
  },
  {
    name: 'an empty CONTENT_LENGTH',
    bytes: packet(block('CONTENT_LENGTH', '')),
    seen: ['request 0 0 CONTENT_LENGTH| +0', 'body end'],
  },
  {
    name: 'equal CONTENT_LENGTH twice',
    bytes: packet(block('CONTENT_LENGTH', '0', 'CONTENT_LENGTH', '0')),
    seen: ['request 0 0 CONTENT_LENGTH|0|CONTENT_LENGTH|0 +0', 'body end'],
  },
  {
    name: 'two CONTENT_LENGTH that differ',
    bytes: packet(block('CONTENT_LENGTH', '0', 'CONTENT_LENGTH', '5')),
    seen: ['throws UWSGI_CONTENT_LENGTH'],
  },
  ...['-1', '+1', '0x5', '5 ', '5,5', '1e3', '9'.repeat(16), '9'.repeat(400)].map((value) => ({
    name: `CONTENT_LENGTH ${value.slice(0, 20)}`,
    bytes: packet(block('CONTENT_LENGTH', value)),
    seen: ['throws UWSGI_CONTENT_LENGTH'],
  })),
  {
    name: 'vars that choose an application in uWSGI, and leaves them out',
    bytes: packet(
      block(
        'UWSGI_FILE',
        '/tmp/x.py',
        'A',
        'b',
        'UWSGI_MODULE',
        'os',
        'UWSGI_SCHEME',
        'https',
        'UWSGI_SETENV',
        'P=1',
      ),
    ),
    seen: ['request 0 0 A|b|UWSGI_SCHEME|https +0', 'body end'],
  },
  { name: 'modifier 2', bytes: packet(block('A', 'b'), 0, 9), seen: ['request 0 9 A|b +0', 'body end'] },
  {
    name: 'a modifier that is allowed',
    bytes: packet(block('A', 'b'), 5),
    seen: ['request 5 0 A|b +0', 'body end'],
    limits: { modifiers: [0, 5] },
  },
  { name: 'an unknown modifier', bytes: packet(block('A', 'b'), 5), seen: ['throws UWSGI_MODIFIER'] },
  { name: 'an HTTP request', bytes: Buffer.from('GET / HTTP/1.1\r\n'), seen: ['throws UWSGI_MODIFIER'] },
  { name: 'an empty block', bytes: packet(Buffer.alloc(0)), seen: ['throws UWSGI_BLOCK_EMPTY'] },
  { name: 'half a header', bytes: packet(block('A', 'b')).subarray(0, 3), seen: [] },
  { name: 'half a block', bytes: packet(block('A', 'b')).subarray(0, 9), seen: [] },
  {
    name: 'a block past the limit',
    bytes: packet(block('A', 'xxxx')),
    seen: ['throws UWSGI_BLOCK_TOO_LONG'],
    limits: { blockBytes: 8 },
  },
  {
    name: 'a block at the limit',
    bytes: packet(block('A', 'xxx')),
    seen: ['request 0 0 A|xxx +0', 'body end'],
    limits: { blockBytes: 8 },
  },
  {
    name: 'too many vars',
    bytes: packet(block('A', '1', 'B', '2', 'C', '3')),
    seen: ['throws UWSGI_VARS_TOO_MANY'],
    limits: { varsCount: 2 },
  },
  {
    name: 'a name past the block',
    bytes: raw(size(9), 'A', size(1), 'b'),
    seen: ['throws UWSGI_VARS_INVALID'],
  },
  {
    name: 'a value past the block',
    bytes: raw(size(1), 'A', size(2), 'b'),
    seen: ['throws UWSGI_VARS_INVALID'],
  },
  {
    name: 'a value of 65535',
    bytes: raw(size(1), 'A', size(65535), 'b'),
    seen: ['throws UWSGI_VARS_INVALID'],
  },
  { name: 'a name that ends the block', bytes: raw(size(1), 'A'), seen: ['throws UWSGI_VARS_INVALID'] },
  { name: 'half a size', bytes: raw(size(1), 'A', size(0), '\x01'), seen: ['throws UWSGI_VARS_INVALID'] },
  { name: 'an empty name', bytes: raw(size(0), size(1), 'b'), seen: ['throws UWSGI_VARS_INVALID'] },
  {
    name: 'a good var before a bad one, as nothing',
    bytes: raw(block('A', 'b'), size(7), 'B'),
    seen: ['throws UWSGI_VARS_INVALID'],
  },
]

describe('UwsgiRequestDecoder', () => {
  for (const { name, bytes, seen, limits, extra } of CASES) {
    it(`reads ${name}, however it is cut`, () => {
      for (const feed of feeds(bytes)) {
        const decoder = new UwsgiRequestDecoder({ ...UWSGI_REQUEST_LIMITS, ...limits })
        expect(joinPieces(collect(decoder, feed.chunks, show), /^body (?!end)/), feed.name).toEqual(seen)
        expect(decoder.extraBytes, feed.name).toBe(extra === true)
      }
    })
  }

  it('tells a FIN before the end of the request', () => {
    const whole = Buffer.concat([POST, Buffer.from('hello')])
    for (let cut = 0; cut <= whole.length; cut++) {
      const decoder = new UwsgiRequestDecoder()
      collect(decoder, [whole.subarray(0, cut)], show)
      let result = 'ends'
      try {
        decoder.receiveEnd()
      } catch (error) {
        result = codeOf(error)
      }
      expect(result, `cut at ${cut}`).toBe(cut === 0 || cut === whole.length ? 'ends' : 'UWSGI_TRUNCATED')
    }
  })

  it('stays dead after a failure', () => {
    const decoder = new UwsgiRequestDecoder()
    expect(collect(decoder, [packet(Buffer.alloc(0))], show)).toEqual(['throws UWSGI_BLOCK_EMPTY'])
    expect(collect(decoder, [packet(block('A', 'b'))], show)).toEqual(['throws UWSGI_BLOCK_EMPTY'])
  })
})

import { describe, expect, it } from 'vitest'
import { encodeRequest } from '../../../src/protocol/uwsgi/request-encoder.ts'
import { UwsgiError } from '../../../src/protocol/uwsgi/uwsgi-error.ts'
import { block, packet } from './packets.ts'

const MESSAGES: [string, Buffer, Buffer][] = [
  ['a request', encodeRequest(['A', 'b', 'EMPTY', '']), packet(block('A', 'b', 'EMPTY', ''))],
  ['both modifiers', encodeRequest(['A', 'b'], 5, 7), packet(block('A', 'b'), 5, 7)],
  ['8-bit octets', encodeRequest(['A', 'é\0']), packet(block('A', '\xe9\0'))],
  ['sizes past one octet', encodeRequest(['A', 'x'.repeat(0x1ff)]), packet(block('A', 'x'.repeat(0x1ff)))],
  ['the largest block', encodeRequest(['A', 'x'.repeat(65530)]), packet(block('A', 'x'.repeat(65530)))],
]

describe('uwsgi encodeRequest', () => {
  it.each(MESSAGES)('writes %s', (_, bytes, expected) => {
    expect(bytes.equals(expected)).toBe(true)
  })

  it.each([
    ['one var of one octet more', ['A', 'x'.repeat(65531)], 65536],
    ['a value whose 16-bit size would be 0', ['A', 'x'.repeat(65536)], 65541],
    ['a name whose 16-bit size would be 1', ['N'.repeat(65537), ''], 65541],
    ['many vars', Array.from({ length: 2000 }, (_, i) => (i % 2 === 0 ? 'NAME' : 'x'.repeat(70))), 78000],
  ])('refuses %s before it writes anything', (_, vars, length) => {
    const error = new UwsgiError('UWSGI_REQUEST_TOO_LARGE', length)
    expect(error).toMatchObject({ status: 431, side: 'downstream' })
    expect(() => encodeRequest(vars)).toThrow(error)
  })

  it('refuses a var without a name, for which uWSGI drops the request', () => {
    expect(() => encodeRequest(['', 'x'])).toThrow(new UwsgiError('UWSGI_NAME_EMPTY'))
  })
})

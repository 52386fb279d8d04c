/** Addresses in one spelling, that of inet_ntop(3). */
import { describe, expect, it } from 'vitest'
import { formatIp, parseIp } from '../../src/util/ip-address.ts'

describe('an address', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:0db8::0001', '2001:db8::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['::1.2.3.4', '::102:304'],
  ])('%s is written %s', (text, written) => {
    const bytes = parseIp(text)
    expect(bytes && formatIp(bytes)).toBe(written)
  })
})

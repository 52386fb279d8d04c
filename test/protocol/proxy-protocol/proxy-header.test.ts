/** PROXY protocol: both versions whole, cut at every byte, and broken. */
import { describe, expect, it } from 'vitest'
import { readProxyHeader } from '../../../src/protocol/proxy-protocol/proxy-header.ts'
import { tlvFinder, wellFormedTlvs } from '../../../src/protocol/proxy-protocol/tlv.ts'

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n'

function v2(verb: number, family: number, body: string, length = body.length): Buffer {
  return latin1(`${SIGNATURE}${String.fromCharCode(verb, family, length >> 8, length & 255)}${body}`)
}

const tlv = (type: number, value: string): string =>
  String.fromCharCode(type, value.length >> 8, value.length & 255) + value

const IPV4 = '\xc0\0\x02\x01\xc0\0\x02\x02\x04\xd2\x16\x2e'
const group = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1')
const ipv6 = (from: string, to: string): string => `${group(from)}${group(to)}\x04\xd2\x16\x2e`

/** Shown as one text. */
function read(bytes: Buffer): string {
  const reading = readProxyHeader(bytes)
  if (reading.kind === 'more') return 'more'
  if (reading.kind === 'broken') return `broken: ${reading.message ?? 'silently'}`
  const { header, length } = reading
  if (!header) return `${length} nobody`
  const { sourceAddress, sourcePort, destinationAddress, destinationPort, tlvs } = header
  return `${length} ${sourceAddress} ${sourcePort} ${destinationAddress} ${destinationPort} ${tlvs.length}`
}

describe('version 1', () => {
  it.each([
    ['PROXY TCP4 192.0.2.1 192.0.2.2 1234 5678\r\nGET', '42 192.0.2.1 1234 192.0.2.2 5678 0'],
    ['PROXY TCP6 2001:DB8::1 ::2 0 65535\r\n', '36 2001:DB8::1 0 ::2 65535 0'],
    ['PROXY UNKNOWN\r\n', '15 nobody'],
    ['PROXY UNKNOWN 1 2 what ever\r\nGET', '29 nobody'],
    ['PROXY TCP4 192.0.2.1 192.0.2.2 1234 65536\r\n', 'broken'],
    ['PROXY TCP4 192.0.2.1 192.0.2.2 1234\r\n', 'broken'],
    ['PROXY TCP4 192.0.2.1 192.0.2.2 1234 \r\n', 'broken'],
    ['PROXY TCP4 192.0.2.x 192.0.2.2 1234 5678\r\n', 'broken'],
    ['PROXY TCP5 192.0.2.1 192.0.2.2 1234 5678\r\n', 'broken'],
    ['PROXY UDP4 192.0.2.1 192.0.2.2 1234 5678\r\n', 'broken'],
    ['PROXY TCP4  192.0.2.1 192.0.2.2 1234 5678\r\n', 'broken'],
    ['proxy TCP4 192.0.2.1 192.0.2.2 1234 5678\r\n', 'broken'],
    ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'broken'],
    ['\x16\x03\x01', 'broken'],
  ])('%j', (text, expected) => {
    const shown = read(latin1(text))
    if (expected !== 'broken') expect(shown).toBe(expected)
    else expect(shown).toBe(`broken: broken header: "${text.replace(/[\r\n][^]*/, '')}"`)
  })

  it('waits for its end, but not for ever', () => {
    const whole = 'PROXY TCP4 192.0.2.1 192.0.2.2 1234 5678\r\n'
    for (let length = 0; length < whole.length; length += 1)
      expect(read(latin1(whole.slice(0, length)))).toBe('more')
    expect(read(latin1(`PROXY ${'1'.repeat(5000)}`))).toMatch(/^broken/)
  })
})

describe('version 2', () => {
  it.each([
    ['IPv4', v2(0x21, 0x11, IPV4), '28 192.0.2.1 1234 192.0.2.2 5678 0'],
    [
      'IPv4 with values and a request behind',
      Buffer.concat([v2(0x21, 0x11, IPV4 + tlv(2, 'a')), latin1('GET')]),
      '32 192.0.2.1 1234 192.0.2.2 5678 4',
    ],
    [
      'IPv6',
      v2(0x21, 0x21, ipv6('20010db8000000000000000000000001', '00000000000000000000000000000000')),
      '52 2001:db8::1 1234 :: 5678 0',
    ],
    [
      'IPv6 with two runs of zeros',
      v2(0x21, 0x21, ipv6('00010000000000020000000000000003', '00010000000200030004000500060007')),
      '52 1:0:0:2::3 1234 1:0:2:3:4:5:6:7 5678 0',
    ],
    [
      'IPv4 in IPv6',
      v2(0x21, 0x21, ipv6('00000000000000000000ffffc0000201', '00000000000000000000000000000001')),
      '52 ::ffff:192.0.2.1 1234 ::1 5678 0',
    ],
    ['LOCAL', v2(0x20, 0x00, ''), '16 nobody'],
    ['LOCAL with addresses', v2(0x20, 0x11, IPV4), '28 nobody'],
    ['datagrams', v2(0x21, 0x12, IPV4), '28 nobody'],
    ['a unix socket', v2(0x21, 0x31, 'x'.repeat(216)), '232 nobody'],
    ['too short for its addresses', v2(0x21, 0x11, IPV4.slice(1)), 'broken: silently'],
    ['another version', v2(0x11, 0x11, IPV4), 'broken: unknown PROXY protocol version: 1'],
    ['longer than is taken', v2(0x21, 0x11, '', 5000), 'broken: header is too large'],
  ])('%s', (_name, bytes, expected) => {
    expect(read(bytes)).toBe(expected)
  })

  it('waits for its end', () => {
    const whole = v2(0x21, 0x11, IPV4 + tlv(1, 'h2'))
    for (let length = 0; length < whole.length; length += 1)
      expect(read(whole.subarray(0, length))).toBe('more')
  })
})

describe('values', () => {
  const ssl = `\x01\0\0\0\x07${tlv(0x21, 'TLSv1.3')}${tlv(0x22, 'example.com')}${tlv(0x23, 'AES')}`
  const tlvs = latin1(
    tlv(1, 'h2') + tlv(2, 'a.test') + tlv(5, 'id') + tlv(0x20, ssl) + tlv(0x30, 'net') + tlv(0xea, 'own'),
  )

  it.each([
    ['alpn', 'h2'],
    ['authority', 'a.test'],
    ['unique_id', 'id'],
    ['netns', 'net'],
    ['ssl', ssl],
    ['ssl_version', 'TLSv1.3'],
    ['ssl_cn', 'example.com'],
    ['ssl_cipher', 'AES'],
    ['ssl_verify', '7'],
    ['ssl_sig_alg', undefined],
    ['ssl_0x22', 'example.com'],
    ['0xea', 'own'],
    ['0xEA', 'own'],
    ['0x31', undefined],
  ])('%s', (name, expected) => {
    const value = tlvFinder(name)?.(tlvs)
    expect(value === 'broken' ? value : value?.toString('latin1')).toBe(expected)
  })

  it.each(['nosuch', 'ssl_nosuch', 'ssl_', '0x', '0xg', ''])('%j is no name', (name) => {
    expect(tlvFinder(name)).toBeUndefined()
  })

  it.each([
    ['a length past the end', '\x01\0\x05ab'],
    ['no room for a length', `${tlv(1, 'a')}\x02\0`],
  ])('%s', (_name, text) => {
    expect(tlvFinder('netns')?.(latin1(text))).toBe('broken')
    expect(wellFormedTlvs(latin1(text))).toBe(false)
  })

  it('inside ssl too', () => {
    expect(tlvFinder('ssl_verify')?.(latin1(tlv(0x20, '\x01\0\0\0')))).toBe('broken')
    expect(tlvFinder('ssl_cn')?.(latin1(tlv(0x20, '\x01\0\0\0\0\x22\0\x09a')))).toBe('broken')
    expect(wellFormedTlvs(tlvs)).toBe(true)
  })
})

/** What `openssl x509 -subject` says of the same bytes, with `-nameopt RFC2253` and `-nameopt compat`. */
import { describe, expect, it } from 'vitest'
import { formatName, formatNameLegacy } from '../../../src/protocol/tls/distinguished-name.ts'

function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const all = Buffer.concat(content)
  return Buffer.concat([
    all.length < 128 ? Buffer.from([tag, all.length]) : Buffer.from([tag, 0x81, all.length]),
    all,
  ])
}

const CN = Buffer.from('0603550403', 'hex')
const UNKNOWN = Buffer.from('06032a0304', 'hex')

function name(...values: readonly (readonly [oid: Buffer, tag: number, bytes: Buffer])[]): Buffer {
  return der(0x30, ...values.map(([oid, tag, bytes]) => der(0x31, der(0x30, oid, der(tag, bytes)))))
}

const EVERYTHING = Buffer.from(
  '3072310b30090603550406130258583111300f060355040a0c08412c2042202243223120300c06035504030c05206c656164' +
    '3010060a0992268993f22c6401010c0275313112301006092a864886f70d0109011603614062310c300a06035504030c03c3' +
    'bc23310c300a06035504030c03237820',
  'hex',
)

describe('formatName', () => {
  it.each([
    [
      'specials, spaces, several values and UTF-8',
      EVERYTHING,
      String.raw`CN=\#x\ ,CN=\C3\BC#,emailAddress=a@b,UID=u1+CN=\ lead,O=A\, B \"C\",C=XX`,
    ],
    ['Latin-1 as UTF-8', name([CN, 20, Buffer.from([0xfc])]), String.raw`CN=\C3\BC`],
    ['two bytes per character', name([CN, 30, Buffer.from('00fc0041', 'hex')]), String.raw`CN=\C3\BCA`],
    ['control bytes', name([CN, 12, Buffer.from('a\r\n\0', 'latin1')]), String.raw`CN=a\0D\0A\00`],
    ['an unknown attribute', name([UNKNOWN, 12, Buffer.from('x')]), '1.2.3.4=#0C0178'],
    ['no name', Buffer.alloc(0), ''],
    ['cut bytes', EVERYTHING.subarray(0, 20), ''],
  ])('%s', (_what, bytes, expected) => {
    expect(formatName(bytes)).toBe(expected)
  })
})

describe('formatNameLegacy', () => {
  it('goes forward and shows bytes', () => {
    expect(formatNameLegacy(EVERYTHING)).toBe(
      String.raw`/C=XX/O=A, B "C"/CN= lead+UID=u1/emailAddress=a@b/CN=\xC3\xBC#/CN=#x `,
    )
  })
})

import { describe, expect, it } from 'vitest'
import { cipherName } from '../../../src/protocol/tls/cipher-codes.ts'
import { looksLikeTls, readClientHello } from '../../../src/protocol/tls/client-hello.ts'
import { groupName, signatureName } from '../../../src/protocol/tls/group-codes.ts'

function uint(value: number, width: number): Buffer {
  const bytes = Buffer.alloc(width)
  bytes.writeUIntBE(value, 0, width)
  return bytes
}

function vector(width: number, ...content: readonly Buffer[]): Buffer {
  const all = Buffer.concat(content)
  return Buffer.concat([uint(all.length, width), all])
}

function codes(...list: readonly number[]): Buffer {
  return Buffer.concat(list.map((code) => uint(code, 2)))
}

function extension(type: number, ...content: readonly Buffer[]): Buffer {
  return Buffer.concat([uint(type, 2), vector(2, ...content)])
}

function serverName(name: string): Buffer {
  return extension(0, vector(2, Buffer.concat([uint(0, 1), vector(2, Buffer.from(name, 'latin1'))])))
}

function message(...extensions: readonly Buffer[]): Buffer {
  const body = Buffer.concat([
    uint(0x0303, 2),
    Buffer.alloc(32, 7),
    vector(1, Buffer.alloc(32, 9)),
    vector(2, codes(0x0a0a, 0x1301, 0xc02f)),
    vector(1, uint(0, 1)),
    ...(extensions.length > 0 ? [vector(2, ...extensions)] : []),
  ])
  return Buffer.concat([uint(1, 1), vector(3, body)])
}

/** The message in records of so many bytes. */
function records(whole: Buffer, bytesEach = whole.length): Buffer {
  const pieces: Buffer[] = []
  for (let at = 0; at < whole.length; at += bytesEach)
    pieces.push(Buffer.from([22, 3, 1]), vector(2, whole.subarray(at, at + bytesEach)))
  return Buffer.concat(pieces)
}

const FULL = message(
  serverName('Shop.Example'),
  extension(10, vector(2, codes(0x11ec, 0x001d))),
  extension(13, vector(2, codes(0x0403, 0x0804))),
  extension(
    41,
    vector(2, vector(2, Buffer.from('ticket')), uint(5, 4)),
    vector(2, vector(1, Buffer.alloc(32))),
  ),
)

const FULL_HELLO = {
  serverName: 'Shop.Example',
  ciphers: [0x0a0a, 0x1301, 0xc02f],
  groups: [0x11ec, 0x001d],
  signatures: [0x0403, 0x0804],
  identities: [new Uint8Array(Buffer.from('ticket'))],
}

function read(bytes: Buffer): unknown {
  const hello = readClientHello(bytes)
  if (typeof hello === 'string') return hello
  return { ...hello, identities: hello.identities.map((identity) => new Uint8Array(identity)) }
}

describe('readClientHello', () => {
  it.each([1, 3, 4, 5, 40, 16_384])('gathers it from records of %i bytes', (bytesEach) => {
    expect(read(records(FULL, bytesEach))).toEqual(FULL_HELLO)
  })

  it('asks for more at every prefix, and is not disturbed by what follows', () => {
    const whole = records(FULL, 50)
    for (let length = 0; length < whole.length; length += 1)
      expect(readClientHello(whole.subarray(0, length)), `${length} bytes`).toBe('more')
    expect(read(Buffer.concat([whole, Buffer.from('GET /')]))).toEqual(FULL_HELLO)
  })

  it('does not wait for one that is too long, wherever its records are cut', () => {
    const record = records(Buffer.concat([Buffer.from([1, 0x74, 0, 0x49]), Buffer.alloc(60)]))
    const second = Buffer.concat([record, record])
    for (let length = 9; length <= second.length; length += 1) {
      expect(readClientHello(second.subarray(0, length)), `${length} bytes`).toBe('unreadable')
    }
  })

  it('reads one without extensions', () => {
    expect(readClientHello(records(message()))).toMatchObject({
      serverName: undefined,
      groups: [],
      identities: [],
    })
  })

  it('takes the first host name and no other kind of name', () => {
    const other = Buffer.concat([uint(1, 1), vector(2, Buffer.from('no'))])
    const name = Buffer.concat([uint(0, 1), vector(2, Buffer.from('yes'))])
    expect(readClientHello(records(message(extension(0, vector(2, other, name)))))).toMatchObject({
      serverName: 'yes',
    })
  })

  it.each([
    ['a name with NUL', 'a\0b'],
    ['a very long name', 'x'.repeat(16_000)],
    ['an empty name', ''],
  ])('gives %s as it stands', (_what, name) => {
    expect(readClientHello(records(message(serverName(name)), 10_000))).toMatchObject({ serverName: name })
  })

  it.each([
    ['another record', Buffer.from([23, 3, 3, 0, 1, 1])],
    ['another message', records(Buffer.concat([uint(2, 1), vector(3, Buffer.alloc(10))]))],
    ['an empty record', Buffer.from([22, 3, 1, 0, 0])],
    ['a record longer than records are', Buffer.from([22, 3, 1, 0xff, 0xff, 1])],
    ['an extension that is longer than its list', records(message(Buffer.from([0, 0, 0, 99, 1])))],
    ['a session id past the end', records(Buffer.concat([uint(1, 1), vector(3, Buffer.alloc(35, 255))]))],
    ['a message of 16 MB', Buffer.from([22, 3, 1, 0, 10, 1, 255, 255, 255])],
    ['another record after the first', Buffer.concat([records(FULL.subarray(0, 20)), Buffer.from([21, 3])])],
  ])('leaves %s to the library', (_what, bytes) => {
    expect(readClientHello(bytes)).toBe('unreadable')
  })
})

describe('looksLikeTls', () => {
  it.each([
    [22, true],
    [0x80, true],
    ['G'.charCodeAt(0), false],
    [0, false],
  ])('%i: %s', (first, expected) => {
    expect(looksLikeTls(first)).toBe(expected)
  })
})

describe('names of code points', () => {
  it.each([
    [cipherName(0x1301), 'TLS_AES_128_GCM_SHA256'],
    [cipherName(0xc02f), 'ECDHE-RSA-AES128-GCM-SHA256'],
    [cipherName(0x0a0a), '0x0a0a'],
    [groupName(0x001d), 'X25519'],
    [groupName(0x2a2a), '0x2a2a'],
    [signatureName(0x0804), 'rsa_pss_rsae_sha256'],
  ])('%s', (name, expected) => {
    expect(name).toBe(expected)
  })
})

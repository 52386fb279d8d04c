import assert from 'node:assert/strict'
import { DnsError } from '../../../src/protocol/dns/dns-error.ts'
import { decodeResponse } from '../../../src/protocol/dns/response-decoder.ts'
import { readProxyHeader } from '../../../src/protocol/proxy-protocol/proxy-header.ts'
import { tlvFinder, wellFormedTlvs } from '../../../src/protocol/proxy-protocol/tlv.ts'
import { MAX_HELLO_BYTES, readClientHello } from '../../../src/protocol/tls/client-hello.ts'
import { FrameError } from '../../../src/protocol/zones/frame-error.ts'
import { FrameReader } from '../../../src/protocol/zones/frame-reader.ts'
import { pieces, refuses, type FuzzTarget } from './fuzz-target.ts'

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n'
const TLVS = ['alpn', 'authority', 'ssl_version', 'ssl_cn', '0xEE'].map((name) => tlvFinder(name))

/** Once a beginning is broken or done, nothing behind it changes that. */
export const proxyProtocol: FuzzTarget = {
  name: 'proxy-protocol',
  seeds: [
    'PROXY TCP4 192.0.2.1 192.0.2.2 1234 80\r\nGET / HTTP/1.1\r\n',
    'PROXY UNKNOWN\r\n',
    'PROXY TCP6 2001:db8::1 ::1 1 2\r\n',
    `${SIGNATURE}\x21\x11\0\x13\x01\x02\x03\x04\x05\x06\x07\x08\0\x50\x01\xbb\x01\0\x04http`,
    `${SIGNATURE}\x20\0\0\0`,
  ],
  words: [SIGNATURE, '\x21\x11\0\x0c', '\x21\x21\0\x24', 'PROXY ', 'TCP4 ', 'TCP6 ', ' ', '\r\n', '::', '255', '65536', '\x20\0\x0f'],
  run(bytes) {
    const whole = readProxyHeader(bytes)
    if (whole.kind === 'done') {
      assert.ok(whole.length <= bytes.length)
      for (let length = 0; length < whole.length; length += 1) {
        assert.equal(readProxyHeader(bytes.subarray(0, length)).kind, 'more')
      }
      const tlvs = whole.header?.tlvs ?? Buffer.alloc(0)
      wellFormedTlvs(tlvs)
      for (const find of TLVS) find?.(tlvs)
    } else if (whole.kind === 'more') {
      const half = readProxyHeader(bytes.subarray(0, bytes.length >> 1))
      assert.equal(half.kind, 'more')
    }
  },
} // prettier-ignore

/** Reads each frame by the pattern of types that its operation stands for. */
function frames(cut: readonly Buffer[]): unknown[] {
  const reader = new FrameReader()
  const seen: unknown[] = []
  try {
    for (const piece of cut) {
      reader.receive(Buffer.from(piece))
      for (let operation = reader.next(); operation !== undefined; operation = reader.next()) {
        seen.push(operation)
        if (operation % 4 === 0) seen.push(reader.u8(), reader.text())
        else if (operation % 4 === 1) seen.push(reader.u16(), reader.bytes().toString('latin1'))
        else if (operation % 4 === 2) seen.push(reader.u32(), reader.f64())
      }
    }
  } catch (error) {
    if (!(error instanceof FrameError)) throw error
    seen.push(error.message)
  }
  return seen
}

export const zonesFrame: FuzzTarget = {
  name: 'zones-frame',
  seeds: ['\0\0\0\x05\x04\x01\0\x01k\0\0\0\x08\x05\0\x01\0\0\0\x01b', '\0\0\0\x0d\x02\0\0\0\x01\x3f\xf0\0\0\0\0\0\0'],
  words: ['\0\0\0\x01\x03', '\0\0\0', '\0\x10\0\0', '\xff\xff\xff\xff', '\0\0\0\x02'],
  run(bytes) {
    assert.deepEqual(frames(pieces(bytes)), frames([bytes]))
  },
} // prettier-ignore

const QUESTION = '\x01a\x04test\0\0\x01\0\x01'

export const dnsResponse: FuzzTarget = {
  name: 'dns-response',
  seeds: [
    `\0\x01\x81\x80\0\x01\0\x01\0\0\0\0${QUESTION}\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x7f\0\0\x01`,
    `\0\x01\x81\x80\0\x01\0\x02\0\0\0\0${QUESTION}\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x04\x01b\xc0\x0e\x01b\xc0\x0e\0\x1c\0\x01\0\0\0\x01\0\x10${'\0'.repeat(15)}\x01`,
    `\0\x01\x81\x80\0\x01\0\x01\0\0\0\0${QUESTION}\xc0\x0c\0\x21\0\x01\0\0\0\x3c\0\x0a\0\x01\0\x02\0\x50\x01h\xc0\x0e`,
    `\0\x01\x81\x83\0\x01\0\0\0\0\0\0${QUESTION}`,
  ],
  words: ['\xc0\x0c', '\xc0\xff', '\0\x01', '\0\x1c', '\0\x21', '\0\x05', '\0', '\x3f', '\xff\xff'],
  run(bytes) {
    refuses(() => void decodeResponse(bytes), DnsError)
  },
} // prettier-ignore

const HELLO = `\x16\x03\x01\0\x4d\x01\0\0\x49\x03\x03${'r'.repeat(32)}\0\0\x04\x13\x01\x00\xff\x01\0\0\x1c\0\0\0\x0b\0\x09\0\0\x06h.test\0\x10\0\x05\0\x03\x02h2\0\x2b\0\x03\x02\x03\x04`

/** A hello once read is the same with anything behind it; what is unreadable stays so. */
export const clientHello: FuzzTarget = {
  name: 'tls-client-hello',
  // the second says that it is 7 MB long, and ends with its record
  seeds: [HELLO, `\x16\x03\x01\0\x05\x01\x74\0\x49\x03`],
  words: ['\x16\x03\x01', '\x01\0\0', '\0\0', '\0\x10', '\0\x2b', '\0\x29', '\xff\xff', '\x03\x03', 'h2'],
  run(bytes) {
    const whole = readClientHello(bytes)
    if (bytes.length > MAX_HELLO_BYTES) return
    for (const part of [bytes.subarray(0, bytes.length >> 1), bytes.subarray(0, bytes.length - 1)]) {
      const before = readClientHello(part)
      if (before !== 'more') assert.deepEqual(before, whole)
    }
  },
} // prettier-ignore

export const BINARY_TARGETS = [proxyProtocol, zonesFrame, dnsResponse, clientHello]

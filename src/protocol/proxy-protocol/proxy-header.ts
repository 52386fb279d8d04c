/**
 * The header that a proxy sends before everything else to say whose connection it passes on (PROXY protocol, version 1
 * in text and version 2 in binary). Rules of this file: it reads no byte behind the header, believes no length that
 * leads past it, and has no opinion on who may send one.
 */
import { formatIp } from '../../util/ip-address.ts'

export interface ProxyHeader {
  /** As written in version 1, in nginx's spelling of addresses in version 2. */
  readonly sourceAddress: string
  readonly sourcePort: number
  readonly destinationAddress: string
  readonly destinationPort: number
  /** Type, length, value; one after the other. Empty in version 1. */
  readonly tlvs: Buffer
}

export type ProxyHeaderReading =
  | { readonly kind: 'more' }
  /** The connection is to be closed. `message` undefined: nginx says nothing of it. */
  | { readonly kind: 'broken'; readonly message: string | undefined }
  /** `header` undefined: the proxy speaks for itself, or of a transport that has no addresses. */
  | { readonly kind: 'done'; readonly length: number; readonly header: ProxyHeader | undefined }

/** Longest header that is taken, as in nginx. */
const MAX_HEADER_BYTES = 4096
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
/** Signature, version and command, family and transport, length. */
const FIXED_BYTES = 16
const TEXT_PREFIX = Buffer.from('PROXY ', 'latin1')

const MORE: ProxyHeaderReading = { kind: 'more' }
const SILENT: ProxyHeaderReading = { kind: 'broken', message: undefined }

/** `bytes` is everything received so far. */
export function readProxyHeader(bytes: Buffer): ProxyHeaderReading {
  if (beginsWith(bytes, SIGNATURE)) return bytes.length < FIXED_BYTES ? MORE : readBinary(bytes)
  if (beginsWith(bytes, TEXT_PREFIX)) return readLine(bytes)
  return broken(bytes)
}

/** Also while fewer bytes than that are here. */
function beginsWith(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length)
  return bytes.compare(start, 0, length, 0, length) === 0
}

function broken(bytes: Buffer): ProxyHeaderReading {
  const line = /^[^\r\n]*/.exec(bytes.toString('latin1', 0, MAX_HEADER_BYTES))?.[0] ?? ''
  return { kind: 'broken', message: `broken header: "${line}"` }
}

const ADDRESS = '([0-9A-Fa-f.:]*)'
const TEXT = new RegExp(`^PROXY TCP[46] ${ADDRESS} ${ADDRESS} ([0-9]{1,10}) ([0-9]{1,10})$`)

function readLine(bytes: Buffer): ProxyHeaderReading {
  const end = bytes.subarray(0, MAX_HEADER_BYTES).indexOf('\r\n')
  if (end < 0) return bytes.length < MAX_HEADER_BYTES ? MORE : broken(bytes)
  const length = end + 2
  const line = bytes.latin1Slice(0, end)
  if (line.startsWith('PROXY UNKNOWN')) return { kind: 'done', length, header: undefined }
  const [, sourceAddress, destinationAddress, from, to] = TEXT.exec(line) ?? []
  if (sourceAddress === undefined || destinationAddress === undefined) return broken(bytes)
  const sourcePort = Number(from)
  const destinationPort = Number(to)
  if (sourcePort > 65_535 || destinationPort > 65_535) return broken(bytes)
  const tlvs = bytes.subarray(0, 0)
  return {
    kind: 'done',
    length,
    header: { sourceAddress, sourcePort, destinationAddress, destinationPort, tlvs },
  }
}

/** The PROXY command; the other, LOCAL, is a proxy's own connection (a health check). */
const COMMAND_PROXY = 1
const TRANSPORT_STREAM = 1
/** Bytes of one address, by address family. */
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 1: 4, 2: 16 }

function readBinary(bytes: Buffer): ProxyHeaderReading {
  const version = bytes.readUInt8(12) >> 4
  if (version !== 2) return { kind: 'broken', message: `unknown PROXY protocol version: ${version}` }
  const length = FIXED_BYTES + bytes.readUInt16BE(14)
  if (length > MAX_HEADER_BYTES) return { kind: 'broken', message: 'header is too large' }
  if (bytes.length < length) return MORE
  const command = bytes.readUInt8(12) & 15
  const family = bytes.readUInt8(13)
  const size = ADDRESS_BYTES[family >> 4]
  if (command !== COMMAND_PROXY || (family & 15) !== TRANSPORT_STREAM || size === undefined)
    return { kind: 'done', length, header: undefined }
  const tlvStart = FIXED_BYTES + 2 * size + 4
  if (length < tlvStart) return SILENT
  return {
    kind: 'done',
    length,
    header: {
      sourceAddress: formatIp(bytes.subarray(FIXED_BYTES, FIXED_BYTES + size)),
      destinationAddress: formatIp(bytes.subarray(FIXED_BYTES + size, FIXED_BYTES + 2 * size)),
      sourcePort: bytes.readUInt16BE(tlvStart - 4),
      destinationPort: bytes.readUInt16BE(tlvStart - 2),
      tlvs: Buffer.from(bytes.subarray(tlvStart, length)),
    },
  }
}

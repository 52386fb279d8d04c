/** Values that a version 2 header carries beside the addresses, by nginx's names for them. */

/** `broken`: a length leads past the end; what was wanted lay behind it. */
export type TlvValue = Buffer | 'broken' | undefined

/** Finds the value of one name; made once, when the conf is read. */
export type FindTlv = (tlvs: Buffer) => TlvValue

const TYPES: ReadonlyMap<string, number> = new Map([
  ['alpn', 0x01],
  ['authority', 0x02],
  ['unique_id', 0x05],
  ['ssl', 0x20],
  ['netns', 0x30],
])
const SSL_TYPE = 0x20
const SSL_TYPES: ReadonlyMap<string, number> = new Map([
  ['version', 0x21],
  ['cn', 0x22],
  ['cipher', 0x23],
  ['sig_alg', 0x24],
  ['key_alg', 0x25],
])
/** Client flags and the result of the verification, before the values inside `ssl`. */
const SSL_FIXED_BYTES = 5

/** Undefined for a name that is none: `alpn`, `ssl_cn`, `0x30`, `ssl_0x21`, ... */
export function tlvFinder(name: string): FindTlv | undefined {
  if (!name.startsWith('ssl_')) {
    const type = typeOf(name, TYPES)
    return type === undefined ? undefined : (tlvs) => findTlv(tlvs, type)
  }
  if (name === 'ssl_verify') return (tlvs) => insideSsl(tlvs, verification)
  const type = typeOf(name.slice(4), SSL_TYPES)
  if (type === undefined) return undefined
  return (tlvs) => insideSsl(tlvs, (ssl) => findTlv(ssl.subarray(SSL_FIXED_BYTES), type))
}

function typeOf(name: string, types: ReadonlyMap<string, number>): number | undefined {
  return /^0x[0-9a-f]+$/i.test(name) ? parseInt(name.slice(2), 16) : types.get(name)
}

function insideSsl(tlvs: Buffer, find: (ssl: Buffer) => TlvValue): TlvValue {
  const ssl = findTlv(tlvs, SSL_TYPE)
  if (ssl === undefined || ssl === 'broken') return ssl
  return ssl.length < SSL_FIXED_BYTES ? 'broken' : find(ssl)
}

/** 0 for a certificate that was verified. */
function verification(ssl: Buffer): Buffer {
  return Buffer.from(String(ssl.readUInt32BE(1)))
}

function findTlv(tlvs: Buffer, wanted: number): TlvValue {
  for (let position = 0; position < tlvs.length;) {
    if (tlvs.length - position < 3) return 'broken'
    const end = position + 3 + tlvs.readUInt16BE(position + 1)
    if (end > tlvs.length) return 'broken'
    if (tlvs.readUInt8(position) === wanted) return tlvs.subarray(position + 3, end)
    position = end
  }
  return undefined
}

/** Whether every length stays within. */
export function wellFormedTlvs(tlvs: Buffer): boolean {
  return findTlv(tlvs, -1) !== 'broken'
}

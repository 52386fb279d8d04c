/**
 * Answers of a name server (RFC 1035 section 4). Records of other types than were asked for are passed over, aliases but
 * for; the owner of a record is not compared with the question: it was the server that followed the aliases.
 */
import { formatIp } from '../../util/ip-address.ts'
import { DnsError } from './dns-error.ts'
import {
  CLASS_IN,
  MAX_NAME_BYTES,
  TYPE_A,
  TYPE_AAAA,
  TYPE_CNAME,
  TYPE_SRV,
  type ServiceRecord,
} from './record.ts'

export interface DnsResponse {
  readonly id: number
  /** Of the question, lower-case; '' where the response has none. */
  readonly name: string
  readonly type: number
  readonly rcode: number
  /** The rest is to be asked for by TCP (RFC 1035 section 4.2.1). */
  readonly truncated: boolean
  /** Of A and AAAA records. */
  readonly addresses: readonly string[]
  readonly services: readonly ServiceRecord[]
  /** The last alias, lower-case. */
  readonly alias: string | undefined
  /** Seconds: the shortest life of all records in the answer; Infinity where there are none. */
  readonly ttl: number
}

const RESPONSE = 0x8000
const TRUNCATED = 0x0200
const HEADER_BYTES = 12
const POINTER = 0xc0
/** A name of 255 octets has no more labels; each pointer leads backwards in a well-made message. */
const MAX_JUMPS = 128

/** @throws DnsError for what is no whole response. */
export function decodeResponse(bytes: Buffer): DnsResponse {
  if (bytes.length < HEADER_BYTES) throw new DnsError('DNS_SHORT')
  const flags = bytes.readUInt16BE(2)
  const questions = bytes.readUInt16BE(4)
  if ((flags & RESPONSE) === 0 || questions > 1) throw new DnsError('DNS_NO_RESPONSE')
  const reader = new MessageReader(bytes, HEADER_BYTES)
  const name = questions === 1 ? reader.name() : ''
  const type = questions === 1 ? reader.uint16() : 0
  if (questions === 1) reader.skip(2)
  const answer = readAnswers(reader, bytes.readUInt16BE(6), type)
  const id = bytes.readUInt16BE(0)
  return { id, name, type, rcode: flags & 0xf, truncated: (flags & TRUNCATED) !== 0, ...answer }
}

function readAnswers(
  reader: MessageReader,
  count: number,
  asked: number,
): Pick<DnsResponse, 'addresses' | 'services' | 'alias' | 'ttl'> {
  const addresses: string[] = []
  const services: ServiceRecord[] = []
  let alias: string | undefined
  let shortest = Infinity
  for (let left = count; left > 0; left -= 1) {
    reader.name()
    const type = reader.uint16()
    const inClass = reader.uint16() === CLASS_IN
    const ttl = lifeOf(reader.uint32())
    const length = reader.uint16()
    const end = reader.position + length
    if (inClass && (type === asked || type === TYPE_CNAME)) {
      shortest = Math.min(shortest, ttl)
      if (type === TYPE_CNAME) alias = reader.name()
      else if (type === TYPE_A || type === TYPE_AAAA)
        addresses.push(reader.address(type === TYPE_A ? 4 : 16, length))
      else if (type === TYPE_SRV) services.push(reader.service())
    }
    reader.moveTo(end)
  }
  return { addresses, services, alias, ttl: shortest }
}

/** With the highest bit set it is none at all (RFC 2181 section 8). */
function lifeOf(ttl: number): number {
  return ttl > 0x7fffffff ? 0 : ttl
}

class MessageReader {
  position: number
  readonly #bytes: Buffer

  constructor(bytes: Buffer, position: number) {
    this.#bytes = bytes
    this.position = position
  }

  #take(count: number): number {
    const at = this.position
    if (at + count > this.#bytes.length) throw new DnsError('DNS_SHORT')
    this.position = at + count
    return at
  }

  uint16(): number {
    return this.#bytes.readUInt16BE(this.#take(2))
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4))
  }

  skip(count: number): void {
    this.#take(count)
  }

  moveTo(position: number): void {
    if (position > this.#bytes.length) throw new DnsError('DNS_SHORT')
    this.position = position
  }

  address(size: number, length: number): string {
    if (length !== size) throw new DnsError('DNS_SHORT')
    const at = this.#take(size)
    return formatIp(this.#bytes.subarray(at, at + size))
  }

  service(): ServiceRecord {
    const priority = this.uint16()
    const weight = this.uint16()
    const port = this.uint16()
    return { priority, weight, port, target: this.name() }
  }

  /** Lower-case, labels joined by dots, followed through its pointers (RFC 1035 section 4.1.4). */
  name(): string {
    const labels: string[] = []
    let after = -1
    let total = 0
    for (let jumps = 0; ;) {
      const length = this.#bytes[this.#take(1)] ?? 0
      if (length === 0) break
      if ((length & POINTER) === POINTER) {
        const low = this.#bytes[this.#take(1)] ?? 0
        if (after < 0) after = this.position
        jumps += 1
        if (jumps > MAX_JUMPS) throw new DnsError('DNS_POINTER')
        this.moveTo(((length & ~POINTER) << 8) | low)
        continue
      }
      if ((length & POINTER) !== 0) throw new DnsError('DNS_POINTER')
      const at = this.#take(length)
      total += length + 1
      if (total >= MAX_NAME_BYTES) throw new DnsError('DNS_NAME')
      labels.push(this.#bytes.toString('latin1', at, at + length))
    }
    if (after >= 0) this.position = after
    return labels.join('.').toLowerCase()
  }
}

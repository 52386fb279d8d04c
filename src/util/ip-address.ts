/** IP addresses and networks as bytes: 4 for IPv4, 16 for IPv6. */

/** Undefined when it is none. `::ffff:1.2.3.4` stays IPv6. */
export function parseIp(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  const bytes = new Uint8Array(4)
  for (const [index, part] of parts.entries()) {
    if (!/^[0-9]{1,3}$/.test(part) || Number(part) > 255) return undefined
    bytes[index] = Number(part)
  }
  return bytes
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = groups(halves[0] ?? '', halves.length === 1)
  const tail = halves.length === 2 ? groups(halves[1] ?? '', true) : []
  if (!head || !tail) return undefined
  const missing = 16 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined
  const bytes = new Uint8Array(16)
  bytes.set(head, 0)
  bytes.set(tail, 16 - tail.length)
  return bytes
}

/** Bytes of groups between colons; the last may be a dotted IPv4 address where `last` says so. */
function groups(text: string, last: boolean): number[] | undefined {
  if (text === '') return []
  const bytes: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    if (last && index === parts.length - 1 && part.includes('.')) {
      const embedded = parseIpv4(part)
      if (!embedded) return undefined
      bytes.push(...embedded)
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined
      const value = parseInt(part, 16)
      bytes.push(value >> 8, value & 255)
    }
  }
  return bytes
}

/** Of 4 or 16 bytes, as inet_ntop(3) and nginx write it: the first of the longest runs of zero groups is `::`. */
export function formatIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from(
    { length: 8 },
    (_, index) => ((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0),
  )
  const run = longestZeroRun(groups)
  if (run.start === 0 && run.length === 5 && groups[5] === 0xffff)
    return `::ffff:${bytes.subarray(12).join('.')}`
  const hex = groups.map((group) => group.toString(16))
  if (run.length < 2) return hex.join(':')
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 }
  let length = 0
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0
    if (length > best.length) best = { start: index - length + 1, length }
  }
  return best
}

/** The IPv4 address inside `::ffff:a.b.c.d`, other addresses as they are: what rules for IPv4 are meant for too. */
export function unmapped(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== 16) return bytes
  for (let index = 0; index < 10; index += 1) if (bytes[index] !== 0) return bytes
  return bytes[10] === 255 && bytes[11] === 255 ? bytes.subarray(12) : bytes
}

/** A network: the leading bits that its addresses share. */
export class Network {
  readonly address: Uint8Array
  readonly bits: number

  constructor(address: Uint8Array, bits: number) {
    this.address = maskTo(address, bits)
    this.bits = bits
  }

  /** `address` or `address/bits`; undefined when it is neither. */
  static parse(text: string): Network | undefined {
    const slash = text.indexOf('/')
    const address = parseIp(slash < 0 ? text : text.slice(0, slash))
    if (!address) return undefined
    const most = address.length * 8
    if (slash < 0) return new Network(address, most)
    const length = text.slice(slash + 1)
    if (!/^[0-9]{1,3}$/.test(length) || Number(length) > most) return undefined
    return new Network(address, Number(length))
  }

  /** Whether bits after the network's were set in `written`: nginx then warns that low bits are meaningless. */
  static hasLowBits(written: Uint8Array, bits: number): boolean {
    return maskTo(written, bits).some((byte, index) => byte !== written[index])
  }

  contains(address: Uint8Array): boolean {
    if (address.length !== this.address.length) return false
    const whole = this.bits >> 3
    for (let index = 0; index < whole; index += 1) if (address[index] !== this.address[index]) return false
    const rest = this.bits & 7
    if (rest === 0) return true
    const mask = (0xff00 >> rest) & 0xff
    return ((address[whole] ?? 0) & mask) === this.address[whole]
  }
}

function maskTo(address: Uint8Array, bits: number): Uint8Array {
  return address.map((byte, index) => {
    const kept = Math.max(0, Math.min(8, bits - index * 8))
    return byte & ((0xff00 >> kept) & 0xff)
  })
}

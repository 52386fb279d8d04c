/** The client's address in bytes, as rules compare it. */
import { parseIp, unmapped } from '../util/ip-address.ts'
import type { Request } from './request.ts'

let lastText = ''
let lastBytes: Uint8Array | undefined

/** 4 or 16 bytes, IPv4 also where it came as `::ffff:a.b.c.d`; undefined for a client on a unix socket. */
export function clientAddress(request: Request): Uint8Array | undefined {
  const text = request.remoteAddress
  if (text !== lastText) {
    const bytes = parseIp(text)
    lastBytes = bytes && unmapped(bytes)
    lastText = text
  }
  return lastBytes
}

/** The same as Latin-1 text: `$binary_remote_addr`. */
export function binaryRemoteAddress(request: Request): string {
  const bytes = parseIp(request.remoteAddress)
  return bytes ? Buffer.from(bytes).toString('latin1') : request.remoteAddress
}

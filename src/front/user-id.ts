/** Identifiers of the userid module: four 32-bit numbers, in base64 as a cookie and in hexadecimal as a variable. */
import { parseCookies } from '../http/cookie.ts'
import type { Request } from './request.ts'

export type Uid = readonly [number, number, number, number]

/** Characters of a cookie that count: a mark may stand behind them, and what others send as padding. */
const TEXT_LENGTH = 22

export interface ReadUid {
  readonly cookie: string
  readonly uid: Uid | undefined
  readonly fault: string | undefined
}

export function readUid(request: Request, name: string): ReadUid {
  const header = request.headers.all('cookie').join('; ')
  const cookie = parseCookies(header).find((pair) => pair.name === name)?.value
  if (cookie === undefined) return { cookie: '', uid: undefined, fault: undefined }
  if (cookie.length < TEXT_LENGTH)
    return { cookie, uid: undefined, fault: `client sent too short userid cookie "${header}"` }
  const text = cookie.slice(0, TEXT_LENGTH)
  if (!/^[A-Za-z0-9+/]+$/.test(text))
    return { cookie, uid: undefined, fault: `client sent invalid userid cookie "${header}"` }
  const bytes = Buffer.from(text, 'base64')
  const uid: Uid = [
    bytes.readUInt32LE(0),
    bytes.readUInt32LE(4),
    bytes.readUInt32LE(8),
    bytes.readUInt32LE(12),
  ]
  return { cookie, uid: uid[3] === 0 ? undefined : uid, fault: undefined }
}

/** The numbers are those of a little-endian machine, which is what every log that is compared with was written on. */
export function uidText(uid: Uid): string {
  const bytes = Buffer.alloc(16)
  for (const [index, value] of uid.entries()) bytes.writeUInt32LE(value, index * 4)
  return bytes.toString('base64')
}

export function formatUid(uid: Uid): string {
  return uid.map((value) => value.toString(16).toUpperCase().padStart(8, '0')).join('')
}

const FIRST_V2 = 0x0303_0302
const STEP = 0x100

let sequenceV1 = 1
let sequenceV2 = FIRST_V2

/** Tells workers and their starts apart. */
const START = ((Math.floor((Date.now() % 1000) * 50) << 16) | (process.pid & 0xffff)) >>> 0

function swapped(value: number): number {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes.readUInt32LE()
}

/** `service` undefined: version 2 takes the address of the server instead. */
export function makeUid(version: 1 | 2, service: number | undefined, address: string): Uid {
  const now = Math.floor(Date.now() / 1000)
  if (version === 1) {
    const sequence = sequenceV1
    sequenceV1 = (sequenceV1 + STEP) >>> 0
    return [(service ?? 0) >>> 0, now, START, sequence]
  }
  const sequence = sequenceV2
  sequenceV2 = sequenceV2 + STEP > 0xffff_ffff ? FIRST_V2 : sequenceV2 + STEP
  const place = service === undefined ? addressNumber(address) : service
  return [swapped(place), swapped(now), swapped(START), swapped(sequence)]
}

/** Of IPv6 the last four bytes. */
function addressNumber(address: string): number {
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)
  if (dotted) return dotted.slice(1).reduce((sum, part) => sum * 256 + Number(part), 0)
  if (!address.includes(':')) return 0
  const [high = '0', low = '0'] = address.replace(/%.*$/, '').split(':').slice(-2)
  return ((parseInt(high || '0', 16) << 16) | parseInt(low || '0', 16)) >>> 0
}

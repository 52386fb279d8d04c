/**
 * The FastCGI record: 8 bytes of header, content, padding (FastCGI specification, sections 3.3 and 8).
 *
 *     version 1 | type | id, 2 bytes | content length, 2 bytes | padding length | reserved
 *
 * Rules of this file: records are written as Latin-1 text, one character for each octet. A socket writes such text
 * as fast as a buffer, pieces join without a copy (the text of all requests of a tick is one write), and 25 params
 * are written 30 % faster than into a buffer. The `encode...` functions give the same octets as a buffer.
 * No record is padded: padding is optional, and it only pays where somebody reads records in place.
 */

export const FCGI_BEGIN_REQUEST = 1
export const FCGI_ABORT_REQUEST = 2
export const FCGI_END_REQUEST = 3
export const FCGI_PARAMS = 4
export const FCGI_STDIN = 5
export const FCGI_STDOUT = 6
export const FCGI_STDERR = 7
export const FCGI_DATA = 8
export const FCGI_GET_VALUES = 9
export const FCGI_GET_VALUES_RESULT = 10
export const FCGI_UNKNOWN_TYPE = 11

/**
 * Between our own tiers, a management record (id 0): the front takes no more of a response for now, or takes more
 * again. Content: request id, 2 octets; 1 to pause, 0 to resume. Who does not know it answers FCGI_UNKNOWN_TYPE, which
 * changes nothing (section 4.2).
 */
export const FCGI_FLOW = 64
export const FLOW_BYTES = 3

/** Role of an application that answers requests; 2 is an authorizer, 3 a filter. */
export const FCGI_RESPONDER = 1

/** `protocolStatus` of an end record; 1 says that the application takes one request for each connection. */
export const FCGI_REQUEST_COMPLETE = 0
export const FCGI_OVERLOADED = 2
export const FCGI_UNKNOWN_ROLE = 3

export const HEADER_BYTES = 8
/** Content length is a 16-bit field. */
export const MAX_CONTENT = 65535

/** Two octets of most numbers below 32768: request ids, lengths, and pairs of one-octet lengths. */
const TWO_OCTETS: (string | undefined)[] = new Array<string | undefined>(32768)

/** Two octets, the higher first. */
export function twoOctets(value: number): string {
  return TWO_OCTETS[value] ?? makeTwoOctets(value)
}

function makeTwoOctets(value: number): string {
  const text = String.fromCharCode((value >> 8) & 255, value & 255)
  if (value < TWO_OCTETS.length) TWO_OCTETS[value] = text
  return text
}

/** Four octets, the highest first. */
export function fourOctets(value: number): string {
  return twoOctets((value >>> 16) & 65535) + twoOctets(value & 65535)
}

/** Version and type. */
const START = Array.from({ length: 12 }, (_, type) => String.fromCharCode(1, type))

/** A header without padding. `length` is at most 65535, `type` a known one. */
export function recordHeader(type: number, id: number, length: number): string {
  return (START[type] ?? '') + twoOctets(id) + twoOctets(length) + '\0\0'
}

/** `text` in as many records as it takes; none for empty text, since an empty record ends its stream. */
export function streamText(type: number, id: number, text: string): string {
  if (text.length === 0) return ''
  if (text.length <= MAX_CONTENT) return recordHeader(type, id, text.length) + text
  let records = ''
  for (let at = 0; at < text.length; at += MAX_CONTENT) {
    const part = text.substring(at, at + MAX_CONTENT)
    records += recordHeader(type, id, part.length) + part
  }
  return records
}

/** `chunk` in as many records as it takes; an empty buffer for an empty chunk. */
export function encodeStream(type: number, id: number, chunk: Uint8Array): Buffer {
  const records = Math.ceil(chunk.length / MAX_CONTENT)
  const target = Buffer.allocUnsafe(chunk.length + records * HEADER_BYTES)
  let position = 0
  for (let at = 0; at < chunk.length; at += MAX_CONTENT) {
    const end = Math.min(at + MAX_CONTENT, chunk.length)
    position += target.write(recordHeader(type, id, end - at), position, 'latin1')
    target.set(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end), position)
    position += end - at
  }
  return target
}

/** `*_force_ranges`: the part of a whole response that the client asked for, where its length is known. */
import { allowsRange } from '../../http/conditional.ts'
import { parseRange, type ByteRange } from '../../http/range.ts'
import type { Request } from '../request.ts'
import { applyFilters } from '../response.ts'

/**
 * Sets status and fields of the answer: `ignore` sends the whole, a range is what of it goes out. Only one range is
 * served, as nginx does it for responses that pass through.
 */
export function forceRange(request: Request, size: number): ByteRange | 'ignore' | 'unsatisfiable' {
  if (request.status !== 200 || size < 0) return 'ignore'
  applyFilters(request) // what a filter changes is never sent in ranges
  if (request.output) return 'ignore'
  request.acceptRanges = true
  const range = requestedRange(request, size)
  if (range === 'ignore') return range
  request.acceptRanges = false
  if (range === 'unsatisfiable') {
    request.addHeader('Content-Range', `bytes */${size}`)
    return range
  }
  request.status = 206
  request.contentLength = range.end - range.start
  request.addHeader('Content-Range', `bytes ${range.start}-${range.end - 1}/${size}`)
  return range
}

/** The only range that the client asks for of a representation of so many bytes. */
export function requestedRange(request: Request, size: number): ReturnType<typeof forceRange> {
  const header = request.headers.get('range')
  const { etag, lastModified } = request
  const validators = { etag, lastModified: lastModified < 0 ? undefined : lastModified }
  if (header === undefined || !allowsRange(request.headers.get('if-range'), validators)) return 'ignore'
  const parsed = parseRange(header, size, request.location.settings.maxRanges)
  if (parsed.kind !== 'ranges') return parsed.kind
  const [only] = parsed.ranges
  return only && parsed.ranges.length === 1 ? only : 'ignore'
}

/** What of `bytes`, which stand from `position` on, is in the range. */
export function cutToRange(bytes: Buffer, position: number, { start, end }: ByteRange): Buffer {
  return bytes.subarray(Math.max(0, start - position), Math.max(0, end - position))
}

/** The variables of a request for CGI-style gateways, flat: name, value, name, value. */
import { headerToCgiName } from '../../gateway/cgi-names.ts'
import type { Request } from '../request.ts'
import type { Value } from '../value.ts'

export interface CgiParam {
  readonly name: string
  readonly value: Value
  /** `if_not_empty`. */
  readonly ifNotEmpty: boolean
}

/**
 * Compiles `fastcgi_param` and `uwsgi_param` lines. Fields of the request follow as `HTTP_*`, but never one that the
 * conf sets itself: the gateway's word goes before the client's.
 */
export function compileParams(
  params: readonly CgiParam[],
  passHeaders: boolean,
  forCache = false,
): (request: Request) => string[] {
  const own = new Set(params.map((param) => param.name))
  if (forCache)
    for (const name of CONDITIONAL_FIELDS) own.add(`HTTP_${name.toUpperCase().replaceAll('-', '_')}`)
  return (request) => {
    const flat: string[] = []
    for (const { name, value, ifNotEmpty } of params) {
      const text = value.evaluate(request)
      if (text === '' && ifNotEmpty) continue
      flat.push(name, text)
    }
    if (passHeaders) addHeaders(flat, request, own)
    return flat
  }
}

/** Fields that ask for less than the whole response, which a cache wants. */
export const CONDITIONAL_FIELDS = [
  'If-Modified-Since',
  'If-Unmodified-Since',
  'If-None-Match',
  'If-Match',
  'Range',
  'If-Range',
]

/** Fields that are variables of their own, or that only concern the hop to us. */
const NOT_PASSED = new Set([
  'HTTP_CONTENT_LENGTH',
  'HTTP_CONTENT_TYPE',
  'HTTP_TRANSFER_ENCODING',
  'HTTP_PROXY',
])

/** Adds each field once; several of one name are joined (`; ` for Cookie, `, ` otherwise). */
export function addHeaders(flat: string[], request: Request, own: ReadonlySet<string>): void {
  const { names, values } = request.headers
  for (let index = 0; index < names.length; index += 1) {
    const field = names[index] as string
    const name = headerToCgiName(field)
    if (name === undefined || NOT_PASSED.has(name) || own.has(name)) continue
    const first = names.indexOf(field)
    if (first === index) {
      const repeated = names.indexOf(field, index + 1) >= 0
      flat.push(
        name,
        repeated
          ? request.headers.all(field).join(field === 'cookie' ? '; ' : ', ')
          : (values[index] as string),
      )
    }
  }
}

/** Length of the body that follows: what was received, not what was said. */
export function bodyLength(request: Request): string {
  return request.body ? String(request.body.length) : ''
}

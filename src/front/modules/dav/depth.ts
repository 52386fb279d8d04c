/** The `Depth` field (RFC 4918 section 10.2). */
import type { Request } from '../../request.ts'

export type Depth = '0' | '1' | 'infinity' | 'invalid'

export function readDepth(request: Request, otherwise: Depth): Depth {
  const value = request.headers.get('depth')
  switch (value) {
    case undefined:
      return otherwise
    case '0':
    case '1':
    case 'infinity':
      return value
    default:
      request.location.settings.errorLog.request(
        'error',
        request,
        `client sent invalid "Depth" header: "${value}"`,
      )
      return 'invalid'
  }
}

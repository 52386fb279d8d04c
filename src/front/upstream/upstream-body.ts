/** The body of a request on its way to an upstream: none, whole, or as it comes (`*_request_buffering off`). */
import { RequestBody } from '../request-body.ts'
import type { Request } from '../request.ts'
import type { BodySource, UpstreamTarget } from './exchange.ts'
import type { UpstreamSettings } from './upstream-settings.ts'

export interface BodyListener {
  /** Once, maybe before `prepareBody` returns: the upstream can be asked now. */
  onReady(body: BodySource | undefined): void
  /** 400, 408, 413, 500; of a body that comes while it is sent also after `onReady`. */
  onFault(status: number): void
}

export function sendsNoBody({ head, bodyRefused }: Request, { passRequestBody }: UpstreamSettings): boolean {
  return head.framing.kind === 'none' || bodyRefused || !passRequestBody
}

/** Of a request that sends one. */
export function prepareBody(
  request: Request,
  settings: UpstreamSettings,
  target: UpstreamTarget,
  listener: BodyListener,
): void {
  const { framing } = request.head
  if (request.body?.complete) {
    listener.onReady(request.body)
    return
  }
  const streams =
    !settings.requestBuffering && !request.parent && (framing.kind === 'length' || target.takesUnknownLength)
  const body = (request.body = new RequestBody(request))
  if (streams) {
    body.stream(
      () => listener.onReady(body),
      (status) => listener.onFault(status),
    )
    return
  }
  body.read((status) => {
    if (status === 0) listener.onReady(body)
    else listener.onFault(status)
  })
}

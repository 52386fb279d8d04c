/** Answers without a body. */
import { escapeUri } from '../../../http/escape-uri.ts'
import { DONE, type Outcome } from '../../outcome.ts'
import { redirectTo } from '../../redirect.ts'
import type { Request } from '../../request.ts'
import { sendHeadOnly, sendText } from '../../response.ts'

export function finishPlain(request: Request, status: 201 | 204): Outcome {
  request.status = status
  if (status === 204) sendHeadOnly(request)
  else sendText(request, '')
  return DONE
}

/** 201 with the place of what was made. */
export function finishCreated(request: Request): Outcome {
  redirectTo(request, 201, escapeUri(request.uri, 'uri'))
  return finishPlain(request, 201)
}

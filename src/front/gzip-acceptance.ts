/** Whether a client may get a coded response (ngx_http_gzip_ok, for any content coding). */
import { parseQualityList } from '../http/quality-list.ts'
import type { Pcre } from '../config/pcre.ts'
import type { Request } from './request.ts'

export type ProxiedCondition =
  | 'off' | 'expired' | 'no-cache' | 'no-store' | 'private' | 'no_last_modified' | 'no_etag' | 'auth' | 'any' // prettier-ignore

export interface CodingConditions {
  /** 10 or 11. */
  readonly httpVersion: number
  readonly proxied: ReadonlySet<ProxiedCondition>
  readonly disabled: readonly Pcre[]
}

export function acceptsCoding(request: Request, coding: string, conditions: CodingConditions): boolean {
  const accepted = request.headers.get('accept-encoding')
  if (accepted === undefined || request.parent) return false
  const member = parseQualityList(accepted).find(({ value }) => value === coding)
  if (!member || member.quality === 0) return false
  const agent = request.headers.get('user-agent')
  if (agent !== undefined && conditions.disabled.some((regex) => regex.test(agent))) return false
  if (request.head.version < conditions.httpVersion) return false
  return !request.headers.has('via') || proxiedMay(request, conditions.proxied)
}

/** Only what a proxy would not keep for clients that cannot read it; in nginx's order, its last word included. */
function proxiedMay(request: Request, when: ReadonlySet<ProxiedCondition>): boolean {
  if (when.has('off')) return false
  if (when.has('any')) return true
  if (when.has('auth') && request.headers.has('authorization')) return true
  const expires = fieldOf(request, 'expires')
  if (expires !== undefined) {
    return when.has('expired') && !(Date.parse(expires) > Date.now())
  }
  const control = fieldOf(request, 'cache-control')?.toLowerCase()
  if (control !== undefined) {
    return (['no-cache', 'no-store', 'private'] as const).some(
      (word) => when.has(word) && control.includes(word),
    )
  }
  if (when.has('no_last_modified') && request.lastModified >= 0) return false
  return !(when.has('no_etag') && request.etag !== undefined)
}

function fieldOf(request: Request, name: string): string | undefined {
  const { extraHeaders } = request
  for (let index = 0; index + 1 < extraHeaders.length; index += 2) {
    if (extraHeaders[index]?.toLowerCase() === name) return extraHeaders[index + 1]
  }
  return undefined
}

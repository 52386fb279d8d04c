/** The time that `expires` names (ngx_http_parse_expires). */
import { parseSeconds } from '../util/duration.ts'
import type { Expires } from './server-config.ts'

/** @throws Error with what is wrong with it, in nginx's words. */
export function parseExpires(text: string, modified: boolean): Expires {
  if (!modified && (text === 'off' || text === 'epoch' || text === 'max')) return { kind: text, seconds: 0 }
  const sign = /^[-+@]/.exec(text)?.[0] ?? ''
  if (sign === '@' && modified) throw new Error('daily time cannot be used with "modified" parameter')
  const seconds = parseSeconds(text.slice(sign.length))
  if (seconds === undefined) throw new Error('invalid value')
  if (sign !== '@')
    return { kind: modified ? 'modified' : 'access', seconds: sign === '-' ? -seconds : seconds }
  if (seconds > 24 * 60 * 60) throw new Error('daily time value must be less than 24 hours')
  return { kind: 'daily', seconds }
}

/** Whether a connection outlives a request, as the location says that it came to (`keepalive_*`). */
import type { Request } from './request.ts'

/** Which browsers `keepalive_disable` names. */
export type DisabledBrowser = 'none' | 'msie6' | 'safari'

/** Called wherever a request comes to another location: a later one cannot give back what an earlier one took. */
export function limitKeepAlive(request: Request): void {
  if (!request.keepAlive) return
  const { connection } = request
  const { settings } = request.location
  request.keepAlive =
    settings.keepaliveTimeoutMs > 0 &&
    connection.requestCount < settings.keepaliveRequests &&
    connection.ageMs <= settings.keepaliveTimeMs &&
    !connection.server.draining &&
    !isDisabled(request, settings.keepaliveDisable)
}

/** The old Explorer fails only after a POST, so that only then its name is looked for. */
function isDisabled(request: Request, disabled: ReadonlySet<DisabledBrowser>): boolean {
  if (request.method === 'POST' && disabled.has('msie6')) {
    if (isOldExplorer(request.headers.get('user-agent') ?? '')) return true
  }
  return disabled.has('safari') && isSafari(request.headers.get('user-agent') ?? '')
}

/** Explorer 4 to 6; 6 with the second service pack of XP, which says `SV1`, is cured. */
function isOldExplorer(agent: string): boolean {
  const at = agent.indexOf('MSIE ')
  if (at < 0 || agent.includes('Opera')) return false
  const version = agent.slice(at + 5, at + 7)
  return version === '4.' || version === '5.' || (version === '6.' && !agent.includes('SV1', at))
}

/** Safari on a Macintosh and what calls itself so, but for the browsers that name themselves before it. */
function isSafari(agent: string): boolean {
  const other = ['MSIE ', 'Opera', 'Gecko/', 'Chrome/'].some((name) => agent.includes(name))
  return !other && agent.includes('Safari/') && agent.includes('Mac OS X')
}

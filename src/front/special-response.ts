/** The pages that the front answers with when nothing else does: nginx's, with our name under them. */
import { reasonPhrase } from '../http/status.ts'

declare const PORTICO_VERSION: string | undefined

/** The version that was built; sources that run unbuilt have none. */
export const VERSION = typeof PORTICO_VERSION === 'string' ? PORTICO_VERSION : 'dev'
const NAME = 'portico'

/** `server_tokens`: the `Server` field and the line under an error page. */
export function serverToken(tokens: boolean): string {
  return tokens ? `${NAME}/${VERSION}` : NAME
}

/** Explanations that nginx gives under some of the 400s, by its own status. */
const DETAILS: ReadonlyMap<number, string> = new Map([
  [494, 'Request Header Or Cookie Too Large'],
  [495, 'The SSL certificate error'],
  [496, 'No required SSL certificate was sent'],
  [497, 'The plain HTTP request was sent to HTTPS port'],
])

/** Where the page is headed by other words than the status line. */
const TITLES: ReadonlyMap<number, string> = new Map([
  [302, 'Found'],
  [401, 'Authorization Required'],
])

/** Status on the wire of one of nginx's internal ones. */
export function wireStatus(status: number): number {
  return status >= 494 && status <= 498 ? 400 : status
}

const pages = new Map<string, string>()

/** HTML of an error or redirect page; '' for a status that has no name. */
export function specialPage(status: number, tokens: boolean): string {
  const key = `${status} ${tokens}`
  const known = pages.get(key)
  if (known !== undefined) return known
  const page = renderPage(status, tokens)
  if (pages.size < 500) pages.set(key, page)
  return page
}

function renderPage(status: number, tokens: boolean): string {
  const reason = TITLES.get(status) ?? reasonPhrase(wireStatus(status))
  if (reason === '') return ''
  const title = `${wireStatus(status)} ${reason}`
  const detail = DETAILS.get(status)
  return (
    `<html>\r\n<head><title>${detail ? `${wireStatus(status)} ${detail}` : title}</title></head>\r\n<body>\r\n` +
    `<center><h1>${title}</h1></center>\r\n` +
    (detail ? `<center>${detail}</center>\r\n` : '') +
    `<hr><center>${serverToken(tokens)}</center>\r\n</body>\r\n</html>\r\n`
  )
}

/** One judge of redirect targets: what a browser would make of the text, not what it looks like. */
import { DisallowedRedirect } from '../exceptions.ts'

const redirectSchemes = new Set(['http', 'https', 'ftp'])

/** The scheme before the first colon in lower case; '' when there is none. */
function schemeOf(url: string): string {
  return /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1]?.toLowerCase() ?? ''
}

/**
 * Refuses schemes other than http, https and ftp.
 *
 * @throws DisallowedRedirect
 */
export function assertRedirectScheme(url: string): void {
  // Browsers drop tabs and newlines anywhere, and controls and spaces at the start, before they read the scheme.
  const scheme = schemeOf(url.replace(/[\t\n\r]/g, '').replace(/^[\x00-\x20]+/, ''))
  if (scheme !== '' && !redirectSchemes.has(scheme)) {
    throw new DisallowedRedirect(`Unsafe redirect to URL with protocol '${scheme}'`)
  }
}

/**
 * True when `url` leads to one of the hosts, or nowhere else than to our own: for `next` parameters.
 *
 * @param allowedHosts hosts with port; a relative URL is always one of ours
 */
export function urlHasAllowedHostAndScheme(
  url: string | null | undefined,
  allowedHosts: Iterable<string> = [],
  requireHttps = false,
): boolean {
  const text = url?.trim() ?? ''
  if (url == null || text === '') return false
  const hosts = new Set(allowedHosts)
  // Further blanks are none to browsers: a host that ends with one is another host.
  const texts = [text, url.replace(/^[\t-\r ]+|[\t-\r ]+$/g, '')]
  // Chrome takes a backslash for a slash.
  return texts.every(
    (one) => isSafe(one, hosts, requireHttps) && isSafe(one.replaceAll('\\', '/'), hosts, requireHttps),
  )
}

function isSafe(url: string, hosts: ReadonlySet<string>, requireHttps: boolean): boolean {
  // Three slashes are a host to some browsers; a control character at the start is skipped by others.
  if (url.startsWith('///') || /^[\p{C}]/u.test(url) || /[\t\n\r]/.test(url) || url.length > 2048)
    return false
  const scheme = schemeOf(url)
  const rest = scheme === '' ? url : url.slice(scheme.length + 1)
  const authority = rest.startsWith('//') ? rest.slice(2).split(/[/?#]/, 1)[0] : undefined
  // `https:evil` is a host to browsers and a path to parsers.
  if (scheme !== '' && (authority === undefined || authority === '')) return false
  if (authority !== undefined && !hosts.has(authority)) return false
  const effective = scheme === '' && authority !== undefined ? 'http' : scheme
  return effective === '' || effective === 'https' || (effective === 'http' && !requireHttps)
}

import { quote, unquote } from '../python/url-quote.ts'

/** RFC 3986's reserved characters, and the tilde. */
const RESERVED = "!$&'()*+,;=:/?#[]@~"

interface SplitUrl {
  readonly scheme: string
  readonly authority: string
  readonly path: string
  readonly query: string
  readonly fragment: string
}

/** Quotes a URL that may be quoted already, wholly or in parts, and puts its host into ASCII. */
export function smartUrlQuote(url: string): string {
  const parts = split(url.replace(/[\t\r\n]/g, ''))
  const authority = parts ? asciiAuthority(parts.authority) : undefined
  if (!parts || authority === undefined) return requote(url)
  const path = requote(parts.path)
  const rooted = authority !== '' && path !== '' && !path.startsWith('/') ? `/${path}` : path
  const query = parts.query === '' ? '' : `?${requoteQuery(parts.query)}`
  const fragment = parts.fragment === '' ? '' : `#${requote(parts.fragment)}`
  return `${parts.scheme}://${authority}${rooted}${query}${fragment}`
}

/** `undefined` for an authority with half of a pair of square brackets. */
function split(url: string): SplitUrl | undefined {
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#([^]*))?$/i.exec(url)
  if (!match) return undefined
  const [, scheme = '', authority = '', path = '', query = '', fragment = ''] = match
  if (authority.includes('[') !== authority.includes(']')) return undefined
  return { scheme: scheme.toLowerCase(), authority, path, query, fragment }
}

function requote(segment: string): string {
  return quote(unquote(segment), RESERVED)
}

function requoteQuery(query: string): string {
  const pairs = query.split('&').filter((pair) => pair !== '')
  return pairs
    .map((pair) => {
      const at = pair.indexOf('=')
      const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
      return `${requoteField(name)}=${requoteField(value)}`
    })
    .join('&')
}

function requoteField(field: string): string {
  return quote(unquote(unquote(field.replaceAll('+', ' '))), ' ').replaceAll(' ', '+')
}

/** User, host and port, of which the host is put into ASCII. */
function asciiAuthority(authority: string): string | undefined {
  const hostStart = authority.lastIndexOf('@') + 1
  const port = /:\d*$/.exec(authority)?.[0] ?? ''
  const host = asciiHost(authority.slice(hostStart, authority.length - port.length))
  return host === undefined ? undefined : authority.slice(0, hostStart) + host + port
}

/** Labels beyond ASCII become `xn--` ones; `undefined` for a host that cannot be written so. RFC 5891. */
export function asciiHost(host: string): string | undefined {
  const labels = host.split('.')
  const isEmptyInside = labels.slice(0, -1).includes('')
  if (isEmptyInside || labels.some((label) => label.length > 63)) return undefined
  const encoded = labels.map((label) => (/[^\0-\x7f]/.test(label) ? asciiLabel(label) : label))
  return encoded.includes(undefined) ? undefined : encoded.join('.')
}

const LABEL = /^[\p{L}\p{N}\p{M}_-]+$/u

function asciiLabel(label: string): string | undefined {
  const url = `http://${label}/`
  return LABEL.test(label) && URL.canParse(url) ? new URL(url).hostname : undefined
}

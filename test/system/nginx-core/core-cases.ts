/** Requests that the core is asked, on both servers. */
import type { Case } from '../front-nginx/cases.ts'

type Fields = Readonly<Record<string, string>>

function head(target: string, fields: Fields = {}, method = 'GET'): string {
  const lines = Object.entries({ Host: 'core.test', Connection: 'close', ...fields })
  return `${method} ${target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
}

function proxied(name: string, header: string, target = '/plain'): Case {
  return { name: `${name}: GET ${target}`, bytes: `${header}${head(target)}`, methods: ['GET'], second: true }
}

const TCP4 = 'PROXY TCP4 192.0.2.1 192.0.2.2 1234 5678\r\n'
const V2 = '\r\n\r\n\0\r\nQUIT\n'
const V2_TCP4 = `${V2}\x21\x11\0\x0c\xc0\0\x02\x01\xc0\0\x02\x02\x04\xd2\x16\x2e`

const proxyProtocol: readonly Case[] = [
  ...['/plain', '/trusted', '/distrusted', '/nosuch'].flatMap((target) => [
    proxied('version 1', TCP4, target),
    proxied('version 2', V2_TCP4, target),
    proxied('version 1 without addresses', 'PROXY UNKNOWN\r\n', target),
  ]),
  proxied('IPv6', 'PROXY TCP6 2001:db8::1 ::1 1234 5678\r\n', '/trusted'),
  proxied('version 1', TCP4, '/port'),
  proxied('version 2', V2_TCP4, '/port'),
  proxied('with more behind UNKNOWN', 'PROXY UNKNOWN 1 2 3\r\n'),
  proxied('with a value behind the addresses', `${V2}\x21\x11\0\x10${V2_TCP4.slice(16)}\x01\0\x01a`),
  proxied('LOCAL', `${V2}\x20\0\0\0`),
  proxied(
    'an IPv6 address in version 2',
    `${V2}\x21\x21\0\x24${'\x20\x01\x0d\xb8'.padEnd(16, '\0')}${'\0'.repeat(15)}\x01\x04\xd2\x16\x2e`,
    '/trusted',
  ),
  proxied('too large a port', 'PROXY TCP4 192.0.2.1 192.0.2.2 123456 5678\r\n'),
  proxied('no header', ''),
  proxied('the version that is not there', `${V2}\x11\x11\0\x0c${V2_TCP4.slice(16)}`),
  proxied('too short for its addresses', `${V2}\x21\x11\0\x04\x01\x01\x01\x01`),
]

export const CORE_CASES: Readonly<Record<string, readonly Case[]>> = {
  'the PROXY protocol': proxyProtocol,
}

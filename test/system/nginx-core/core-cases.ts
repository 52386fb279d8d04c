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
  proxied('IPv6 in another spelling', 'PROXY TCP6 2001:0DB8:0:0::1 ::1 1234 5678\r\n', '/trusted'),
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

const get = (target: string, fields: Fields = {}, method = 'GET'): Case => ({
  name: [`${method} ${target}`, ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`)].join(
    ', ',
  ),
  bytes: head(target, fields, method),
  methods: [method],
})

/** Several requests on one connection; the server says when it ends. */
const kept = (targets: readonly string[], fields: Fields = {}, method = 'GET'): Case => ({
  name: [`${method} ${targets.join(' ')}`, ...Object.values(fields)].join(', '),
  bytes: targets
    .map((target) => head(target, { Connection: 'keep-alive', 'Content-Length': '0', ...fields }, method))
    .join(''),
  methods: targets.map(() => method),
})

const times = (target: string, count: number): string[] => Array.from({ length: count }, () => target)
const agent = (text: string): Fields => ({ 'User-Agent': text })
const EXPLORER = [
  'Mozilla/4.0 (compatible; MSIE 5.0)',
  'Mozilla/4.0 (compatible; MSIE 6.0)',
  'Mozilla/4.0 (compatible; MSIE 6.0; SV1)',
  'Mozilla/4.0 (compatible; MSIE 7.0)',
  'Mozilla/4.0 (compatible; MSIE 5.0) Opera 8',
]
const SAFARI = ['Mac OS X Safari/1', 'Mac OS X Chrome/1 Safari/1', 'Mac OS X Gecko/1 Safari/1', 'Safari/1']

const keepalive: readonly Case[] = [
  kept(times('/keep/', 4)),
  kept(times('/keep/more', 5)),
  kept(['/keep/', '/keep/more', '/keep/more', '/keep/more', '/keep/']),
  kept(['/keep/zero', '/keep/']),
  kept(['/keep/fields', '/keep/']),
  kept(['/keep/taken', '/keep/']),
  ...EXPLORER.flatMap((text) => [
    kept(times('/keep/', 2), agent(text), 'POST'),
    kept(times('/keep/', 2), agent(text)),
    kept(times('/keep/none', 2), agent(text), 'POST'),
    kept(times('/keep/safari', 2), agent(text), 'POST'),
  ]),
  ...SAFARI.flatMap((text) => [
    kept(times('/keep/', 2), agent(text)),
    kept(times('/keep/safari', 2), agent(text)),
  ]),
]

const pages = ['url', 'return', 'return?2', 'rewrite', 'folder', 'text'].map((name) => get(`/page/${name}`))

pages.push(...['x', 'loop', 'off'].map((name) => get(`/recursive/${name}`)))

const files = [
  ...['c.txt', 'b.txt', 'sub', 'none', 'a.txt'].map((name) => `/alias-regex/${name}`),
  ...[
    '/alias-folder',
    '/alias-whole/a.txt',
    '/alias-whole/dir/a.txt',
    '/alias-whole/dir',
    '/alias-whole/none',
  ],
  ...['a.txt', 'dir/b.txt', 'nested-txt', 'none.txt', 'root/x', 'dir/', 'dir/a.txt', 'dir/none'].map(
    (name) => `/alias-nested/${name}`,
  ),
  ...[
    '/alias-rewritten/a.txt',
    '/named-file/x',
    '/rewritten/break',
    '/log/none',
    '/log/none/',
    '/none/',
    '/a.txt/',
  ],
].map((target) => get(target))

const values = [
  ...['/arg', '/arg?a=1&=2', '/arg?=3'].map((target) => get(target)),
  ...['/expires', '/max'].map((target) => get(target)),
]

const post = (target: string, body: string): Case => ({
  name: `POST ${target} with ${body.length} bytes`,
  bytes: `${head(target, { 'Content-Length': String(body.length) }, 'POST')}${body}`,
  methods: ['POST'],
})

const bodies = ['x', 'file', 'single', 'unread'].flatMap((name) => [
  get(`/body/${name}`),
  ...[0, 10, 1024, 5000].map((length) => post(`/body/${name}`, 'b'.repeat(length))),
])

const rates = ['1000', '8k', '0', '', 'x'].map((rate) => get(`/rate?rate=${rate}`))

const methods = ['CONNECT', 'TRACE', 'FOO', 'DELETE', 'OPTIONS', 'PUT'].flatMap((method) => [
  get('/keep/', {}, method),
  get('/a.txt', {}, method),
])

const hosts = ['core.test:80:90', 'core.test:x', 'core.test.', 'CORE.test', 'core.test.:80'].map((host) =>
  get('/page/ok', { Host: host }),
)

export const CORE_CASES: Readonly<Record<string, readonly Case[]>> = {
  'the PROXY protocol': proxyProtocol,
  'keep-alive': keepalive,
  'error pages for redirects': pages,
  files: files,
  values: values,
  bodies,
  rates,
  methods: methods,
  hosts: hosts,
}

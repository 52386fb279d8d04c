/** Requests that every module is asked, on both servers. */
import { createHash } from 'node:crypto'
import type { Case } from '../front-nginx/cases.ts'

export type Fields = Readonly<Record<string, string>>

export function get(target: string, fields: Fields = {}, method = 'GET', body = ''): Case {
  const lines = Object.entries({ Host: 'modules.test', Connection: 'close', ...fields })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const shown = lines
    .slice(2)
    .map(([name, value]) => ` ${name}=${value}`)
    .join('')
  return {
    name: `${method} ${target}${shown}`,
    bytes: `${method} ${target} HTTP/1.1\r\n${head}\r\n${body}`,
    methods: [method],
    second: false,
  }
}

const basic = (user: string, password: string): Fields => ({
  Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})

export const many = (targets: readonly string[]): Case[] => targets.map((target) => get(target))

const map = [
  ...[
    'one',
    'ONE',
    'two%20words',
    'two words'.replace(' ', '+'),
    'rest',
    're',
    'case',
    'default',
    '',
    'x',
  ].map((k) => get(`/map?k=${k}`)),
  ...[
    'example.com',
    'EXAMPLE.com',
    'a.example.com',
    'b.a.example.com',
    'both.test',
    'x.both.test',
    'www.example.org',
    'www.example',
    'example.com.',
    '',
  ].map((h) => get(`/map?h=${h}`)),
  ...many(['/map?v=a&k=one', '/map?v=b&d=dd', '/volatile']),
  get('/map', { Host: 'shop.named.test' }),
  get('/named/one/two'),
]

const geo = [
  ...[
    '127.0.0.1',
    '127.0.0.2',
    '10.0.0.5',
    '10.1.0.5',
    '192.168.1.1',
    '192.168.1.2',
    '2001:db8::1',
    '2001:db9::1',
    '::ffff:10.0.0.1',
    '10.0.0.127',
    '10.0.0.128',
    '10.0.0.200',
    '10.0.0.201',
    '10.0.1.0',
    'nonsense',
    '',
  ].map((ip) => get(`/geo?ip=${ip}`)),
  ...[
    '10.1.1.1',
    '10.1.1.1, 192.168.3.3',
    '192.168.1.1',
    'x',
    '10.1.1.1, x',
    '8.8.8.8',
    '1.2.3.4, 10.2.3.4:80',
  ].map((value) => get('/proxied', { 'X-Forwarded-For': value })),
]

const split = Array.from({ length: 40 }, (_, index) => get(`/split?s=client${index * 7919}`))

const conditions = [
  ...many([
    '/if/',
    '/if/?a=1',
    '/if/?a=0',
    '/if/?b=x',
    '/if/?b=y',
    '/if/?c=x',
    '/if/?d=12-34',
    '/if/?d=12',
    '/if/?e=aBc',
    '/if/?f=1',
    '/if/?g=Abc',
  ]),
  ...many(['/if-file/f.txt', '/if-file/sub', '/if-file/none', '/if-x/plain.txt']),
  ...many(['/if-settings/', '/if-settings/?a=1', '/if-settings/?b=1', '/if-settings/?a=1&b=1']),
  ...many([
    '/if-last/?a=1',
    '/if-last/a.txt?b=1',
    '/if-last/?c=1',
    '/if-last/?e=1',
    '/if-last/',
    '/if-root/x.txt?a=1',
    '/if-root/x.txt',
  ]),
  ...many(['/named-if/hello', '/named-if/']),
]

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'BREW'].flatMap((method) => [
  get('/limited/', {}, method),
  get('/limited-files/a.txt', {}, method),
])

const access = many([
  '/deny/', '/denied', '/allowed/a.txt', '/allowed-other/x', '/deny-page/', '/access-inherit/in', '/access-inherit/out',
]) // prettier-ignore

const users = [
  ...['plain', 'sha', 'apr', 'des', 'none', 'nobody'].flatMap((user) =>
    ['secret', 'wrong', ''].map((password) => get('/auth/a.txt', basic(user, password))),
  ),
  ...[
    'apr1',
    'bcrypt',
    'des',
    'sha',
    'bare',
    'sha512',
    'sha512-rounds',
    'sha256',
    'sha256-rounds',
    'scrypt',
    'yescrypt',
    'unknown',
  ].flatMap((user) =>
    ['secret word', 'secret Word'].map((password) => get('/auth-schemes/a.txt', basic(user, password))),
  ),
  get('/auth/a.txt'),
  get('/auth/a.txt', { Authorization: 'Basic' }),
  get('/auth/a.txt', { Authorization: 'Basic !!!' }),
  get('/auth/a.txt', { Authorization: 'Bearer x' }),
  get('/auth/a.txt', { Authorization: 'basic cGxhaW46c2VjcmV0' }),
  get('/auth/a.txt', {}, 'HEAD'),
  get('/auth/none.txt', basic('plain', 'secret')),
  ...many(['/auth-off/a.txt?realm=off', '/auth-off/a.txt?realm=x', '/auth-missing/']),
  get('/auth-missing/', basic('plain', 'secret')),
  ...['/satisfy-any/a.txt', '/satisfy-allow/a.txt', '/satisfy-all/a.txt'].flatMap((path) => [
    get(path),
    get(path, basic('plain', 'secret')),
    get(path, basic('plain', 'wrong')),
  ]),
]

const asked = [
  ...['200', '204', '401', '403', '302', '500', '404'].flatMap((want) => [
    get('/asked/a.txt?q=1', { 'X-Want': want }),
    get('/asked/a.txt', { 'X-Want': want, 'Content-Length': '3' }, 'POST', 'abc'),
    get('/asked-any/a.txt', { 'X-Want': want, ...basic('plain', 'secret') }),
    get('/asked-any/a.txt', { 'X-Want': want }),
  ]),
  get('/asked-files/dir/'),
]

const md5 = (text: string): string => createHash('md5').update(text).digest('base64url')

const links = [
  ...['', '1', '99999999999', 'x', '-5', '1600000000'].flatMap((expires) => [
    get(`/secure/a?md5=${md5(`${expires}/secure/a secret`)}&expires=${expires}`),
    get(`/secure/a?md5=${md5('wrong')}&expires=${expires}`),
  ]),
  ...[md5('/secure-plain/a secret'), `${md5('/secure-plain/a secret')}==`, 'short', 'x'.repeat(22), ''].map(
    (sum) => get(`/secure-plain/a?md5=${sum}`),
  ),
  ...['link', 'deep/link', 'link?a=1', ''].flatMap((link) => [
    get(`/p/${createHash('md5').update(`${link}word`).digest('hex')}/${link}`),
    get(`/p/${'0'.repeat(32)}/${link}`),
  ]),
  ...many(['/p/short/link', '/p/', '/p']),
]

const referers = [
  'http://www.example.com', 'https://www.example.com/x', 'http://example.com/', 'http://example.net', 'http://example',
  'http://www.example.org/galleries/1', 'http://www.example.org/', 'http://www.example.org:80/galleries/', 'http://www.google.de/x',
  'http://evil.test/?www.example.com', 'http://modules.test/a', 'http://shop.named.test', 'www.example.com', 'x', '', 'HTTP://WWW.EXAMPLE.COM/',
  'http://evil.test/.google.', 'ftp://www.example.com/',
].flatMap((referer) => ['/referer/', '/referer-few/', '/referer-no/'].map((path) => get(path, { Referer: referer }))) // prettier-ignore

const real = [
  ...[
    '10.1.1.1',
    '10.1.1.1:8080',
    '2001:db8::1',
    '[2001:db8::1]:80',
    '10.1.1.1, 10.2.2.2',
    'nonsense',
    '',
  ].map((value) => get('/real/a.txt', { 'X-Real-IP': value })),
  ...[
    '10.1.1.1',
    '10.1.1.1, 192.168.1.1',
    '192.168.1.1, 192.168.1.2',
    'x, 192.168.1.1',
    '10.6.6.6',
    '8.8.8.8, 10.6.6.6',
  ].flatMap((value) =>
    ['/real-xff/a.txt', '/real-recursive/a.txt', '/real-untrusted/a.txt'].map((path) =>
      get(path, { 'X-Forwarded-For': value }),
    ),
  ),
]

const accept = (value: string): Fields => ({ 'Accept-Encoding': value })

/** Coded bodies differ between libraries: what is compared is what the other fields and the decoded bytes say. */
const gzip = [
  ...['page.html', 'text.txt', 'data.json', 'tiny.html', 'big.html', 'none.html'].flatMap((file) => [
    get(`/gz/${file}`),
    get(`/gz/${file}`, accept('gzip')),
    get(`/gz/${file}`, accept('gzip'), 'HEAD'),
  ]),
  ...[
    'gzip;q=0',
    'gzip;q=0.5',
    'deflate, gzip;q=1.0',
    'x-gzip',
    '*',
    'GZIP',
    'identity',
    'gzip;q=0.001, br',
    'br,gzip',
  ].map((value) => get('/gz/page.html', accept(value))),
  get('/gz/page.html', { ...accept('gzip'), Range: 'bytes=0-9' }),
  get('/gz/data.json', { ...accept('gzip'), Range: 'bytes=0-9' }),
  get('/gz/page.html', { ...accept('gzip'), 'If-None-Match': '*' }),
  get('/gz/page.html', { ...accept('gzip'), Via: '1.1 x' }),
  get('/gz-proxied/page.html', { ...accept('gzip'), Via: '1.1 x' }),
  get('/gz-proxied/page.html', { ...accept('gzip'), Via: '1.1 x', Authorization: 'x' }),
  get('/gz-no/page.html', accept('gzip')),
  get('/gz-disabled/page.html', { ...accept('gzip'), 'User-Agent': 'Ancient 1' }),
  get('/gz-disabled/page.html', { ...accept('gzip'), 'User-Agent': 'New' }),
  get('/gz-404/none', accept('gzip')),
  get('/gz-return/x', accept('gzip')),
]

const lists = [
  ...[
    '/list/',
    '/list-round/',
    '/list-json/',
    '/list-jsonp/',
    '/list-jsonp/?callback=f',
    '/list-xml/',
  ].flatMap((path) => [get(path), get(path, {}, 'HEAD')]),
  ...many(['/list', '/list/none/', '/list/b.txt/', '/list/sub/']),
  get('/list/', {}, 'POST'),
]

/** Both servers see them in this order, one after the other, as one conversation. */
function row(path: string, count: number): Case {
  const one = `GET ${path} HTTP/1.1\r\nHost: modules.test\r\n`
  const bytes = `${`${one}\r\n`.repeat(count - 1)}${one}Connection: close\r\n\r\n`
  return { name: `${count} times ${path}`, bytes, methods: Array.from({ length: count }, () => 'GET') }
}

const limits = [
  row('/limit-req/a.txt?key=a', 3),
  row('/limit-req/a.txt', 3),
  row('/limit-req-status/a.txt?key=b', 4),
  row('/limit-req-dry/a.txt?key=c', 3),
  row('/limit-conn/a.txt?key=a', 2),
  get('/rate/text.txt'),
  get('/rate-set/text.txt'),
]

/** By module, in the order in which they were built. */
export const MODULE_CASES: Readonly<Record<string, readonly Case[]>> = {
  map,
  geo,
  split_clients: split,
  if: conditions,
  limit_except: methods,
  access,
  auth_basic: users,
  auth_request: asked,
  secure_link: links,
  referer: referers,
  empty_gif: [get('/empty.gif'), get('/empty.gif', {}, 'HEAD'), get('/empty.gif', {}, 'DELETE')],
  realip: real,
  gzip,
  autoindex: lists,
  limits,
}

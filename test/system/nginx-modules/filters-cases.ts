/** Requests that every body filter is asked, on both servers. */
import type { Case } from '../front-nginx/cases.ts'
import { get, many, type Fields } from './modules-cases.ts'

const GZIP: Fields = { 'Accept-Encoding': 'gzip' }

const ssi = [
  ...many([
    '/ssi/vars.html?a=%3C',
    '/ssi/escapes.html',
    '/ssi/if.html',
    '/ssi/nested.html',
    '/ssi/branch.html',
    '/ssi/errors.html',
    '/ssi/not.html',
    '/ssi/open.html',
    '/ssi/date.html',
    '/ssi/include.html',
    '/ssi/set.html',
    '/ssi/stub.html',
    '/ssi/args.html?a=1&b=plain/a.html',
    '/ssi/args.html?b=/ssi/plain/..',
    '/ssi/order.html',
    '/ssi/deep.html',
    '/ssi/loop.html',
    '/ssi/large.html',
    '/ssi/text.txt',
    '/ssi/empty.html',
    '/ssi/none.html',
    '/ssi-silent/errors.html',
    '/ssi-dated/vars.html',
    '/ssi-text/text.txt',
    '/ssi-short/long.html',
    '/ssi-gz/include.html',
  ]),
  get('/ssi/include.html', {}, 'HEAD'),
  get('/ssi/vars.html', { Range: 'bytes=0-3' }),
  get('/ssi/vars.html', { 'If-Modified-Since': '$LM' }),
  get('/ssi-dated/vars.html', { 'If-Modified-Since': '$LM' }),
  get('/ssi-gz/include.html', GZIP),
  get('/ssi-gz/large.html', GZIP),
]

const sub = [
  ...many([
    '/sub/page.html',
    '/sub/text.txt?find=THE&put=a',
    '/sub/text.txt?find=e&put=',
    '/sub/style.css',
    '/sub/empty.html',
    '/sub/large.html',
    '/sub/none.html',
    '/sub-all/many.txt',
    '/sub-all/page.html',
    '/sub-all/style.css',
    '/sub-all/large.html',
    '/sub-gz/page.html',
  ]),
  get('/sub/page.html', {}, 'HEAD'),
  get('/sub/page.html', { Range: 'bytes=0-3' }),
  get('/sub/page.html', { 'If-Modified-Since': '$LM' }),
  get('/sub-gz/large.html', GZIP),
]

const addition = [
  ...many([
    '/add/page.html',
    '/add/text.txt',
    '/add/empty.html',
    '/add/none.html',
    '/add-one/page.html',
    '/add-one/text.txt',
    '/add-both/page.html',
  ]),
  get('/add/page.html', {}, 'HEAD'),
  get('/add/page.html', { 'If-Modified-Since': '$LM' }),
  get('/add/page.html', { Range: 'bytes=0-3' }),
  get('/add-both/page.html', GZIP),
]

const random = [
  ...many(['/random/', '/random/sub', '/random/none/', '/random/one.html', '/random-none/', '/random/?x=1']),
  get('/random/', {}, 'HEAD'),
  get('/random/', {}, 'POST'),
]

const coded = ['/gzs/', '/gzs-vary/', '/gzs-always/', '/gzs-gunzip/', '/gzs-proxied/'].flatMap((folder) => [
  ...many([`${folder}page.html`, `${folder}only.html`, `${folder}folder.html`, `${folder}none.html`]),
  get(`${folder}page.html`, GZIP),
  get(`${folder}only.html`, GZIP),
  get(`${folder}folder.html`, GZIP),
  get(`${folder}page.html`, { 'Accept-Encoding': 'gzip;q=0' }),
  get(`${folder}page.html`, { ...GZIP, Via: '1.1 x' }),
  get(`${folder}page.html`, { ...GZIP, 'If-Modified-Since': '$LM' }),
  get(`${folder}page.html`, GZIP, 'POST'),
])

const charset = [
  ...many([
    '/cs/a.html',
    '/cs/off/a.html',
    '/cs/none',
    '/cs/redirect',
    '/cs/typed',
    '/cs/other',
    '/cs/override',
    '/cs-types/style.css',
    '/cs-types/text.txt',
    '/cs-ssi/page.html',
    '/cs-var/text.html',
    '/cs-var/text.html?charset=utf',
    '/cs-var/text.html?charset=same',
    '/cs-part/text.html',
  ]),
  ...['to', 'byte', 'back'].flatMap((way) =>
    ['text', 'utf', 'large'].map((file) => get(`/cs-${way}/${file}.html`)),
  ),
  ...many(['/cs-from/utf.html', '/cs-from/large.html']),
  get('/cs-to/text.html', {}, 'HEAD'),
  get('/cs-to/text.html', GZIP),
  get('/cs-byte/text.html', { Range: 'bytes=1-3' }),
  get('/cs-byte/text.html', { Range: 'bytes=1-3,5-6' }),
  get('/cs-to/text.html', { Range: 'bytes=1-3' }),
]

const COOKIE = 'wKgAAUkZ0zIDAwMCAwMDAg'

const headers = [
  ...many([
    '/fields/a.html?x',
    '/fields/none.html?y',
    '/fields/inner/a.html',
    '/fields/none/a.html',
    '/fields-own/a.html',
    '/fields-cleared/a.html',
    '/fields-odd/a.html',
    '/trailers/a.html',
    '/trailers/none.html',
    '/trailers-ssi/vars.html',
    '/expires/hour',
    '/expires/past',
    '/expires/zero',
    '/expires/max',
    '/expires/epoch',
    '/expires/404',
    '/expires/var',
    '/expires/var?e=1d',
    '/expires/var?e=-1d',
    '/expires/var?e=max',
    '/expires/var?e=epoch',
    '/expires/var?e=off',
    '/expires/var?e=modified',
    '/expires-own/x',
    '/mirrored/b.html?x',
  ]),
  get('/fields/a.html', { 'If-Modified-Since': '$LM' }),
  get('/fields/a.html', { Range: 'bytes=1-2' }),
  get('/fields-own/a.html', GZIP),
  get('/fields-odd/a.html', GZIP),
  get('/trailers/a.html', { Range: 'bytes=1-2' }),
  get('/trailers/a.html', {}, 'HEAD'),
  get('/mirrored/b.html', { 'Content-Length': '4' }, 'POST', 'body'),
]

const userid = [
  get('/uid/a.html'),
  get('/uid/a.html', { Cookie: `id=${COOKIE}==` }),
  get('/uid/a.html', { Cookie: `a=b; id=${COOKIE}more` }),
  get('/uid/a.html', { Cookie: 'id=short' }),
  get('/uid/a.html', { Cookie: `id=!${COOKIE.slice(1)}==` }),
  get('/uid-mark/a.html', { Cookie: `id=${COOKIE}==` }),
  get('/uid-mark/a.html', { Cookie: `id=${COOKIE}a=` }),
  get('/uid-kept/a.html', { Cookie: `id=${COOKIE}==` }),
]

const AGENTS = [
  'Opera/9.01 (X11; FreeBSD 6 i386; U; en)',
  'Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.0; en) Opera 8.0',
  'Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)',
  'Mozilla/4.0 (compatible; MSIE 5.01; Windows NT 5.1)',
  'Mozilla/4.72 [en] (X11; I)',
  'Mozilla/5.0 (X11; U; Linux i686; en-US; rv:1.0.0) Gecko/20020610',
  'Mozilla/5.0 (X11; U; Linux i686; en-US; rv:0.9.9) Gecko/20020610',
  'Mozilla/5.0 (Macintosh; U; PPC Mac OS X; en) AppleWebKit/418 (KHTML, like Gecko) Safari/417.9.3',
  'Mozilla/5.0 (compatible; Konqueror/3.5; FreeBSD) KHTML/3.5.1 (like Gecko)',
  'Lynx/2.8',
  'Links (2.1)',
  'curl/8',
]

const browser = ['/browser', '/browser-unlisted', '/browser-none'].flatMap((path) => [
  get(path),
  ...AGENTS.map((agent) => get(path, { 'User-Agent': agent })),
])

export const FILTER_CASES: Readonly<Record<string, readonly Case[]>> = {
  ssi,
  sub,
  addition,
  charset,
  headers,
  userid,
  browser,
  random_index: random,
  gzip_static: coded,
}

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

export const FILTER_CASES: Readonly<Record<string, readonly Case[]>> = {
  ssi,
  sub,
  addition,
  random_index: random,
  gzip_static: coded,
}

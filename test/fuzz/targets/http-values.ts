import assert from 'node:assert/strict'
import { parseContentLength } from '../../../src/http/content-length.ts'
import { parseContentRange } from '../../../src/http/content-range.ts'
import { cookieValue, parseCookies } from '../../../src/http/cookie.ts'
import { escapeUri } from '../../../src/http/escape-uri.ts'
import { listHasEtag } from '../../../src/http/etag.ts'
import { formatHttpDate, parseHttpDate } from '../../../src/http/http-date.ts'
import { parseHost } from '../../../src/http/host.ts'
import { parseInternalUri } from '../../../src/http/internal-uri.ts'
import { parseMediaType } from '../../../src/http/media-type.ts'
import { parseQualityList } from '../../../src/http/quality-list.ts'
import { parseRange } from '../../../src/http/range.ts'
import { normalizeTarget } from '../../../src/http/target.ts'
import type { FuzzTarget } from './fuzz-target.ts'

const CLIMBS = /(?:^|\/)\.\.?(?:\/|$)/

/** A path that came through never climbs, and comes out the same when it is written and read once more. */
export const target: FuzzTarget = {
  name: 'target',
  seeds: [
    '/a/b?c=d',
    '/a/../b/./c//d',
    '/%61%2f%2e%2e/x',
    'http://h:80/a',
    '*',
    '/a%23b#c?d',
    '/..%2f',
    '/%',
  ],
  words: [
    '/',
    '..',
    '.',
    '%2e',
    '%2f',
    '%00',
    '%25',
    '%',
    '?',
    '#',
    '//',
    '\\',
    '\x80',
    ';',
    'http://',
    '%5c',
  ],
  run(bytes) {
    const text = bytes.toString('latin1')
    if (text.includes('\0')) return // refused with the request line
    for (const mergeSlashes of [true, false]) {
      const normal = normalizeTarget(text, { mergeSlashes })
      if (normal === undefined || normal.path === '*') continue
      const { path } = normal
      assert.ok(path.startsWith('/'), 'a path without its slash')
      assert.ok(!CLIMBS.test(path), 'a dot segment')
      assert.ok(!path.includes('\0'), 'a NUL')
      if (mergeSlashes) assert.ok(!path.includes('//'), 'two slashes')
      const again = normalizeTarget(escapeUri(path, 'uri'), { mergeSlashes })
      assert.equal(again?.path, path, 'not the same when read again')
      assert.equal(again.args, '')
    }
  },
}

export const internalUri: FuzzTarget = {
  name: 'internal-uri',
  seeds: ['/a?b', '/%2e%2e/', 'a/..%2f', '/a%'],
  words: ['..', '%2e', '%2f', '%00', '/', '?', '%'],
  run(bytes) {
    const read = parseInternalUri(bytes.toString('latin1'))
    if (read === undefined) return
    assert.ok(!/(?:^|\/)\.\.(?:\/|$)/.test(read.uri) && !read.uri.includes('\0'))
  },
}

export const host: FuzzTarget = {
  name: 'host',
  seeds: ['Example.test:80', '[::1]:443', 'a.b.', '127.0.0.1'],
  words: [':', '[', ']', '.', '..', '65536', '%', '@', '/', '\0'],
  run(bytes) {
    const text = bytes.toString('latin1')
    for (const anyPort of [true, false]) {
      const read = parseHost(text, anyPort)
      if (read === undefined) continue
      assert.doesNotMatch(read.name, /[\0-\x20A-Z/\\@?#"<>\x7f]/)
      assert.ok(read.port >= 0 && read.port <= 65_535)
      if (read.name !== '') assert.deepEqual(parseHost(read.name), { name: read.name, port: 0 })
    }
  },
}

const SIZE = 1000

export const range: FuzzTarget = {
  name: 'range',
  seeds: ['bytes=0-1', 'bytes=-5,10-20', 'bytes=500-', 'bytes=0-0,1-1,2-', 'bytes 0-4/10'],
  words: ['bytes=', '-', ',', '0', '999', '99999999999999999999', ' ', '\t', '/', '*', 'bytes '],
  run(bytes) {
    const text = bytes.toString('latin1')
    for (const max of [undefined, 3]) {
      const read = parseRange(text, SIZE, max)
      if (read.kind !== 'ranges') continue
      assert.ok(read.ranges.length > 0)
      for (const { start, end } of read.ranges) assert.ok(start >= 0 && start < end && end <= SIZE)
    }
    parseContentRange(text)
    const length = parseContentLength(text)
    if (length !== undefined) assert.equal(text.replace(/^0+(?=\d)/, ''), String(length))
  },
}

export const lists: FuzzTarget = {
  name: 'header-lists',
  seeds: ['gzip;q=0.5, br, *;q=0', 'W/"a", "b"', 'text/html; charset="utf-8"', 'Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'],
  words: [',', ';', 'q=', '"', 'W/', '*', '=', '\\', 'GMT', ' ', '\t', '1970', 'Feb'],
  run(bytes) {
    const text = bytes.toString('latin1')
    for (const { quality } of parseQualityList(text)) assert.ok(quality >= 0 && quality <= 1)
    listHasEtag(text, '"a"', true)
    parseMediaType(text)
    const date = parseHttpDate(text)
    if (date === undefined) return
    assert.ok(Number.isSafeInteger(date))
    if (date >= 0) assert.equal(parseHttpDate(formatHttpDate(date)), date)
  },
} // prettier-ignore

export const cookies: FuzzTarget = {
  name: 'cookies',
  seeds: ['a=b; c=d', 'a="x; y"; __proto__=1', '=;;a'],
  words: ['=', ';', '; ', '"', ',', '\\', '__proto__', '\\073'],
  run(bytes) {
    const text = bytes.toString('latin1')
    for (const { name, value } of parseCookies(text)) assert.ok(!/;/.test(name + value))
    cookieValue(text, 'a')
  },
}

export const HTTP_VALUE_TARGETS = [target, internalUri, host, range, lists, cookies]

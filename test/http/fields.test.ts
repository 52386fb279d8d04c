import { describe, expect, test } from 'vitest'
import {
  CONNECTION_CLOSE,
  CONNECTION_KEEP_ALIVE,
  CONNECTION_UPGRADE,
  connectionOptions,
  hopByHopNames,
} from '../../src/http/connection.ts'
import { parseContentLength } from '../../src/http/content-length.ts'
import { cookieValue, parseCookies } from '../../src/http/cookie.ts'
import type { UriPart } from '../../src/http/escape-uri.ts'
import { escapeUri } from '../../src/http/escape-uri.ts'
import { HeaderTable } from '../../src/http/header-table.ts'
import { parseMediaType } from '../../src/http/media-type.ts'
import { byPreference, codingQuality, parseQualityList } from '../../src/http/quality-list.ts'
import { hasNoContent, reasonPhrase } from '../../src/http/status.ts'

test.each([
  ['0', 0],
  ['010', 10],
  ['9007199254740991', 9_007_199_254_740_991],
  ['9007199254740992', undefined],
  ['', undefined],
  ['1 ', undefined],
  ['-1', undefined],
  ['1,1', undefined],
  ['0'.repeat(20), undefined],
])('Content-Length %s', (value, length) => {
  expect(parseContentLength(value)).toBe(length)
})

describe('Connection', () => {
  test.each([
    ['close', CONNECTION_CLOSE],
    ['Close', CONNECTION_CLOSE],
    ['keep-alive', CONNECTION_KEEP_ALIVE],
    ['Keep-Alive, Upgrade', CONNECTION_KEEP_ALIVE | CONNECTION_UPGRADE],
    ['\tclose\t,', CONNECTION_CLOSE],
    ['closed', 0],
    ['not close', 0],
    ['', 0],
  ])('%s', (value, options) => {
    expect(connectionOptions(value)).toBe(options)
  })

  test('takes away what it names and nothing that the message needs', () => {
    const headers = new HeaderTable()
    headers.add('connection', 'Connection', 'close, X-Real-Ip,Content-Length, host, Authorization')
    headers.add('connection', 'Connection', 'Foo')
    const names = hopByHopNames(headers)
    for (const name of [
      'x-real-ip',
      'foo',
      'connection',
      'keep-alive',
      'te',
      'transfer-encoding',
      'upgrade',
    ]) {
      expect(names.has(name), name).toBe(true)
    }
    for (const name of ['content-length', 'host', 'authorization']) expect(names.has(name), name).toBe(false)
  })
})

test.each<[UriPart, string, string]>([
  ['uri', '/a b?c#d%e"<>\\^`{|}\x7f\xe9\0', '/a%20b%3Fc%23d%25e%22%3C%3E%5C%5E%60%7B%7C%7D%7F%E9%00'],
  ['uri', "/-._~:/[]@!$&'()*+,;=", "/-._~:/[]@!$&'()*+,;="],
  ['uri', '/\r\nSet-Cookie: a', '/%0D%0ASet-Cookie:%20a'],
  ['args', "a&b+c;d?e=f'", "a%26b%2Bc%3Bd%3Fe=f'"],
  ['component', '/a:b', '%2Fa%3Ab'],
  ['html', `/a?b&c'd"`, '/a?b&c%27d%22'],
  ['uri', '/plain', '/plain'],
  ['uri', '', ''],
])('escapeUri %s %s', (part, text, escaped) => {
  expect(escapeUri(text, part)).toBe(escaped)
})

describe('lists with weights', () => {
  test('members in order', () => {
    expect(parseQualityList('text/html, a/b;Level=1;q=0.5 , */*;q=0.1,,;q=1')).toEqual([
      { value: 'text/html', quality: 1 },
      { value: 'a/b;level=1', quality: 0.5 },
      { value: '*/*', quality: 0.1 },
    ])
    expect(parseQualityList('a,'.repeat(100_000)).length).toBeLessThan(100)
  })

  test('by preference', () => {
    const list = parseQualityList('a;q=0.5,b,c;q=0,d;q=0.5,e;q=1.000')
    expect(byPreference(list).map((member) => member.value)).toEqual(['b', 'e', 'a', 'd'])
  })

  test.each([
    ['gzip', 1],
    ['GZIP;q=0.5', 0.5],
    ['gzip;q=0', 0],
    ['gzip;q=0.000', 0],
    ['gzip;q=1.5', 0],
    ['gzip;q=0.1234', 0],
    ['gzip;q=x', 0],
    ['*;q=0.3', 0.3],
    ['*;q=0.3, gzip;q=0.7', 0.7],
    ['xgzip, gzipx', undefined],
    ['', undefined],
  ])('gzip in %s', (header, quality) => {
    expect(codingQuality(header, 'gzip')).toBe(quality)
  })
})

describe('media types', () => {
  test.each([
    ['text/html', 'text/html', {}],
    [' Text/HTML ; Charset="UTF-8"', 'text/html', { charset: 'UTF-8' }],
    ['multipart/form-data; boundary="a\\"b;c"; x=y', 'multipart/form-data', { boundary: 'a"b;c', x: 'y' }],
    ['a/b; c=d; c=e', 'a/b', { c: 'd' }],
    ['a/b; c', 'a/b', {}],
    ['a/b; c="d', 'a/b', {}],
    ['a/b; __proto__=d', 'a/b', { ['__proto__']: 'd' }],
  ])('%s', (value, essence, parameters) => {
    const type = parseMediaType(value)
    expect(type?.essence).toBe(essence)
    expect([...(type?.parameters ?? [])]).toEqual(Object.entries(parameters))
  })

  test.each(['', 'text', '/html', 'text/', 'te xt/html', 'text/html, a/b'])('refuses %s', (value) => {
    expect(parseMediaType(value)).toBeUndefined()
  })
})

describe('cookies', () => {
  test('pairs', () => {
    expect(parseCookies('a=b; c = d ;;e;=f;g="h=i";a=j;')).toEqual([
      { name: 'a', value: 'b' },
      { name: 'c', value: 'd' },
      { name: '', value: 'e' },
      { name: '', value: 'f' },
      { name: 'g', value: '"h=i"' },
      { name: 'a', value: 'j' },
    ])
    expect(cookieValue('a=b; c=d; a=j', 'a')).toBe('b')
    expect(cookieValue('JSessionId=b', 'jsessionid')).toBe('b')
    expect(cookieValue('xa=b', 'a')).toBeUndefined()
    expect(parseCookies('')).toEqual([])
  })

  test('ten thousand of them', () => {
    expect(parseCookies('a=b;'.repeat(10_000))).toHaveLength(10_000)
  })
})

test('status', () => {
  expect(reasonPhrase(404)).toBe('Not Found')
  expect(reasonPhrase(299)).toBe('')
  expect([100, 101, 204, 304].every(hasNoContent)).toBe(true)
  expect([200, 205, 206, 404].some(hasNoContent)).toBe(false)
})

import { describe, expect, test } from 'vitest'
import type { IfModifiedSince } from '../../src/http/conditional.ts'
import { allowsRange, evaluateConditions } from '../../src/http/conditional.ts'
import { fileEtag, listHasEtag, weaken } from '../../src/http/etag.ts'
import { HeaderTable } from '../../src/http/header-table.ts'

const MTIME = 784_111_777
const AT = 'Sun, 06 Nov 1994 08:49:37 GMT'
const BEFORE = 'Sun, 06 Nov 1994 08:49:36 GMT'
const AFTER = 'Sun, 06 Nov 1994 08:49:38 GMT'
const STRONG = { etag: '"a"', lastModified: MTIME }
const WEAK = { etag: 'W/"a"', lastModified: MTIME }
const NOTHING = { etag: undefined, lastModified: undefined }

function table(fields: Record<string, string>): HeaderTable {
  const headers = new HeaderTable()
  for (const [name, value] of Object.entries(fields)) headers.add(name, name, value)
  return headers
}

describe('evaluateConditions', () => {
  test.each([
    ['no condition', {}, STRONG, 'proceed'],
    ['If-Match: the tag', { 'if-match': '"a"' }, STRONG, 'proceed'],
    ['If-Match: a list', { 'if-match': '"x",\t"a" , "y"' }, STRONG, 'proceed'],
    ['If-Match: another', { 'if-match': '"b"' }, STRONG, 'failed'],
    ['If-Match: *', { 'if-match': '*' }, STRONG, 'proceed'],
    ['If-Match: the weak tag', { 'if-match': 'W/"a"' }, STRONG, 'failed'],
    ['If-Match for a weak tag', { 'if-match': 'W/"a"' }, WEAK, 'failed'],
    ['If-Match without a tag to compare', { 'if-match': '"a"' }, NOTHING, 'failed'],
    ['If-Unmodified-Since: then', { 'if-unmodified-since': AT }, STRONG, 'proceed'],
    ['If-Unmodified-Since: later', { 'if-unmodified-since': AFTER }, STRONG, 'proceed'],
    ['If-Unmodified-Since: earlier', { 'if-unmodified-since': BEFORE }, STRONG, 'failed'],
    ['If-Unmodified-Since: no date', { 'if-unmodified-since': 'x' }, STRONG, 'proceed'],
    ['If-Unmodified-Since without a date to compare', { 'if-unmodified-since': AT }, NOTHING, 'proceed'],
    ['If-Match goes before it', { 'if-match': '"a"', 'if-unmodified-since': BEFORE }, STRONG, 'proceed'],
    ['If-None-Match: the tag', { 'if-none-match': '"a"' }, STRONG, 'not_modified'],
    ['If-None-Match: the weak tag', { 'if-none-match': 'W/"a"' }, STRONG, 'not_modified'],
    ['If-None-Match for a weak tag', { 'if-none-match': '"x", "a"' }, WEAK, 'not_modified'],
    ['If-None-Match: another', { 'if-none-match': '"b"' }, STRONG, 'proceed'],
    ['If-None-Match: *', { 'if-none-match': '*' }, STRONG, 'not_modified'],
    ['If-None-Match without a tag to compare', { 'if-none-match': '"a"' }, NOTHING, 'proceed'],
    [
      'If-None-Match goes before a date',
      { 'if-none-match': '"b"', 'if-modified-since': AT },
      STRONG,
      'proceed',
    ],
    [
      'also where it matches',
      { 'if-none-match': '"a"', 'if-modified-since': BEFORE },
      STRONG,
      'not_modified',
    ],
    ['If-Match before If-None-Match', { 'if-match': '"b"', 'if-none-match': '"a"' }, STRONG, 'failed'],
    ['If-Modified-Since: then', { 'if-modified-since': AT }, STRONG, 'not_modified'],
    ['If-Modified-Since: earlier', { 'if-modified-since': BEFORE }, STRONG, 'proceed'],
    ['If-Modified-Since: no date', { 'if-modified-since': 'x' }, STRONG, 'proceed'],
    ['If-Modified-Since without a date to compare', { 'if-modified-since': AT }, NOTHING, 'proceed'],
  ])('%s', (_, fields, validators, verdict) => {
    for (const method of ['GET', 'HEAD']) {
      expect(evaluateConditions(method, table(fields), validators, 'exact')).toBe(verdict)
    }
  })

  test.each<[IfModifiedSince, string, string]>([
    ['exact', AFTER, 'proceed'],
    ['before', AFTER, 'not_modified'],
    ['before', AT, 'not_modified'],
    ['before', BEFORE, 'proceed'],
    ['off', AT, 'proceed'],
  ])('if_modified_since %s: %s', (mode, date, verdict) => {
    expect(evaluateConditions('GET', table({ 'if-modified-since': date }), STRONG, mode)).toBe(verdict)
  })

  test('methods that write', () => {
    expect(evaluateConditions('PUT', table({ 'if-none-match': '*' }), STRONG, 'exact')).toBe('failed')
    expect(evaluateConditions('PUT', table({ 'if-match': '"a"' }), STRONG, 'exact')).toBe('proceed')
    expect(evaluateConditions('PUT', table({ 'if-modified-since': AT }), STRONG, 'exact')).toBe('proceed')
  })
})

test.each([
  [undefined, STRONG, true],
  ['"a"', STRONG, true],
  ['"b"', STRONG, false],
  ['W/"a"', WEAK, false],
  ['W/"a"', STRONG, false],
  ['"a"', NOTHING, false],
  [AT, STRONG, true],
  [AFTER, STRONG, false],
  ['', STRONG, false],
  ['x', NOTHING, false],
])('If-Range: %s', (value, validators, allowed) => {
  expect(allowsRange(value, validators)).toBe(allowed)
})

describe('tags', () => {
  test.each([
    ['"a', '"a', true],
    ['"a,b"', '"b"', false],
    ['"a,b", "b"', '"b"', true],
    ['a', '"a"', false],
    ['"a""b"', '"b"', true],
    ['W/', '"b"', false],
    ['W/W/"b"', '"b"', false],
    [',,, ,"b",', '"b"', true],
    ['"bb"', '"b"', false],
    ['*', '"b"', false],
  ])('list %s has %s: %s', (list, etag, has) => {
    expect(listHasEtag(list, etag, true)).toBe(has)
  })

  test('a list of any shape is read once', () => {
    for (const piece of ['"', 'W/', ',', 'W/"', '" ', 'a']) {
      const began = process.cpuUsage().user
      expect(listHasEtag(piece.repeat(200_000), '"nope"', true)).toBe(false)
      expect(process.cpuUsage().user - began).toBeLessThan(1_000_000)
    }
  })

  test('of files', () => {
    expect(fileEtag(0x5f, 0x400)).toBe('"5f-400"')
    expect(fileEtag(1, 0x23)).not.toBe(fileEtag(0x12, 3))
    expect(weaken('"5f-400"')).toBe('W/"5f-400"')
    expect(weaken('W/"x"')).toBe('W/"x"')
  })
})

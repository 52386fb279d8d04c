import { describe, expect, test } from 'vitest'
import { normalizeTarget } from '../../src/http/target.ts'

const MERGE = { mergeSlashes: true }

describe('normalizeTarget', () => {
  test.each([
    ['/', '/', ''],
    ['/a/b.html', '/a/b.html', ''],
    ['/a?b=c?d', '/a', 'b=c?d'],
    ['/a?', '/a', ''],
    ['/a?b=%zz/../x', '/a', 'b=%zz/../x'],
    ['/a?b#c', '/a', 'b'],
    ['/a#b?c', '/a', ''],
    ['/a%20b', '/a b', ''],
    ['/a+b', '/a+b', ''],
    ['/caf%C3%a9', '/caf\xc3\xa9', ''],
    ['/caf\xe9', '/caf\xe9', ''],
    ['/%3F%23%25?x', '/?#%', 'x'],
    ['/%25%32%65', '/%2e', ''],
    ['/%252e%252e/x', '/%2e%2e/x', ''],
    ['/a/./b', '/a/b', ''],
    ['/a/../b', '/b', ''],
    ['/a/%2e%2E/b', '/b', ''],
    ['/a/.%2e/b', '/b', ''],
    ['/a/..%2fb', '/b', ''],
    ['/a/..', '/', ''],
    ['/a/b/..', '/a/', ''],
    ['/a/b/..?x', '/a/', 'x'],
    ['/a/.', '/a/', ''],
    ['/.', '/', ''],
    ['/.?x', '/', 'x'],
    ['/a/...', '/a/...', ''],
    ['/....//x', '/..../x', ''],
    ['/a/..;/b', '/a/..;/b', ''],
    ['/.hidden', '/.hidden', ''],
    ['/a/..b/c..', '/a/..b/c..', ''],
    ['//a///b//', '/a/b/', ''],
    ['/a%2f%2fb', '/a/b', ''],
    ['/a\\..\\b', '/a\\..\\b', ''],
    ['/%5c..%5cb', '/\\..\\b', ''],
    ['/public/..%2fadmin', '/admin', ''],
    ['/%c0%ae%c0%ae/', '/\xc0\xae\xc0\xae/', ''],
    ['*', '*', ''],
    ['http://a', '/', ''],
    ['http://a?b', '/', 'b'],
    ['http://a/b//c?d', '/b/c', 'd'],
  ])('%s', (target, path, args) => {
    expect(normalizeTarget(target, MERGE)).toMatchObject({ path, args })
  })

  test.each([
    '/%00',
    '/a%00b',
    '/%',
    '/%4',
    '/%zz',
    '/%4g',
    '/%4?1',
    '/..',
    '/../x',
    '/a/../..',
    '/%2e%2e/x',
    '/..%2f',
    '/a/../../b?c',
    'a',
    '',
  ])('refuses %s', (target) => {
    expect(normalizeTarget(target, MERGE)).toBeUndefined()
  })

  test.each([
    ['//a///b//', '//a///b//'],
    ['//..', '/'],
    ['/a//..', '/a/'],
    ['/a//../b', '/a/b'],
  ])('merge_slashes off: %s', (target, path) => {
    expect(normalizeTarget(target, { mergeSlashes: false })?.path).toBe(path)
  })

  test('gives what stood on the wire', () => {
    expect(normalizeTarget('http://a:1/b%20c?d#e', MERGE)).toEqual({
      path: '/b c',
      rawPath: '/b%20c?d#e',
      args: 'd',
      hasArgs: true,
      complex: true,
    })
    expect(normalizeTarget('/b?', MERGE)).toMatchObject({ rawPath: '/b?', hasArgs: true, complex: false })
    expect(normalizeTarget('/b//c', MERGE)).toMatchObject({ rawPath: '/b//c', hasArgs: false, complex: true })
  })
})

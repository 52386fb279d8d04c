import { expect, test } from 'vitest'
import { parseHost } from '../../src/http/host.ts'

test.each([
  ['example.com', 'example.com', 0],
  ['Example.COM', 'example.com', 0],
  ['example.com.', 'example.com', 0],
  ['example.com.:80', 'example.com', 80],
  ['a:', 'a', 0],
  ['a:65535', 'a', 65_535],
  ['a:0080', 'a', 80],
  ['127.0.0.1:8080', '127.0.0.1', 8080],
  ['[::1]', '[::1]', 0],
  ['[::1]:8080', '[::1]', 8080],
  ['[FE80::1]', '[fe80::1]', 0],
  ['a_b~c', 'a_b~c', 0],
  ["!$&'()*+,;=%", "!$&'()*+,;=%", 0],
  ['.a', '.a', 0],
])('%s', (value, name, port) => {
  expect(parseHost(value)).toEqual({ name, port })
})

test.each([
  '',
  '.',
  ':',
  ':80',
  '..',
  'a..b',
  'a..',
  'a b',
  'a@b',
  'a/b',
  'a\\b',
  'a?b',
  'a#b',
  'a:b',
  'a:80:80',
  'a:65536',
  'a:99999999999',
  'a:-1',
  'a\0',
  'a\x7f',
  'a\xe9',
  'a"b',
  'a<b',
  'a{b',
  'a|b',
  '[',
  '[::1',
  '[::1]x',
  '[::1].',
  '[::1]:x',
  '[fe80::1%25eth0]',
  'a[',
  ']',
])('refuses %s', (value) => {
  expect(parseHost(value)).toBeUndefined()
})

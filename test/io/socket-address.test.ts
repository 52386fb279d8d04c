import { expect, test } from 'vitest'
import { formatSocketAddress, isLocalAddress, parseSocketAddress } from '../../src/io/socket-address.ts'

test.each([
  ['8080', { kind: 'tcp', host: '0.0.0.0', port: 8080 }, '0.0.0.0:8080', false],
  ['127.0.0.1', { kind: 'tcp', host: '127.0.0.1', port: 80 }, '127.0.0.1:80', true],
  ['127.0.0.1:0', { kind: 'tcp', host: '127.0.0.1', port: 0 }, '127.0.0.1:0', true],
  ['*:81', { kind: 'tcp', host: '0.0.0.0', port: 81 }, '0.0.0.0:81', false],
  ['localhost:65535', { kind: 'tcp', host: 'localhost', port: 65_535 }, 'localhost:65535', true],
  ['[::1]', { kind: 'tcp', host: '::1', port: 80 }, '[::1]:80', true],
  ['[::]:8080', { kind: 'tcp', host: '::', port: 8080 }, '[::]:8080', false],
  ['unix:run/a b.sock', { kind: 'unix', path: 'run/a b.sock' }, 'unix:run/a b.sock', true],
])('%s', (text, address, formatted, local) => {
  const parsed = parseSocketAddress(text)
  expect(parsed).toEqual(address)
  expect(formatSocketAddress(parsed)).toBe(formatted)
  expect(isLocalAddress(parsed)).toBe(local)
})

test.each([
  ['65536', 'invalid port in "65536"'],
  ['host:', 'invalid port in "host:"'],
  ['host:12a', 'invalid port in "host:12a"'],
  [':80', 'no host in ":80"'],
  ['', 'no host in ""'],
  ['::1:80', 'invalid host in "::1:80"'],
  ['[::1', 'invalid IPv6 address in "[::1"'],
  ['[127.0.0.1]:80', 'invalid IPv6 address'],
  ['[::1]80', 'invalid port'],
  ['unix:', 'no path'],
  [`unix:/${'x'.repeat(107)}`, 'too long path'],
])('%j is refused', (text, message) => {
  expect(() => parseSocketAddress(text)).toThrow(message)
})

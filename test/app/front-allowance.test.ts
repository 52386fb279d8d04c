import { expect, test } from 'vitest'
import { FrontAllowance, isAllowance, isExposed } from '../../src/app/front-allowance.ts'

test.each(['unix:/run/app.sock', '127.0.0.1:9000', '[::1]:9000', 'localhost:9000'])(
  '%s is local',
  (address) => {
    expect(isExposed(address)).toBe(false)
  },
)

test.each(['9000', '*:9000', '0.0.0.0:9000', '[::]:9000', '192.0.2.7:9000'])('%s is exposed', (address) => {
  expect(isExposed(address)).toBe(true)
})

test.each([
  [['192.0.2.0/24'], '192.0.2.7', true],
  [['192.0.2.0/24'], '::ffff:192.0.2.7', true],
  [['192.0.2.0/24'], '192.0.3.7', false],
  [['192.0.2.7'], '192.0.2.7', true],
  [['192.0.2.7'], '192.0.2.8', false],
  [['2001:db8::/32'], '2001:db8::7', true],
  [['2001:db8::/32'], '2001:db9::7', false],
  [['all'], '203.0.113.1', true],
  [['192.0.2.7', '198.51.100.0/24'], '198.51.100.1', true],
  [[], '127.0.0.1', false],
  [['192.0.2.0/24'], undefined, false],
  [['all'], undefined, true],
])('%j for %s: %s', (rows, address, allowed) => {
  expect(new FrontAllowance(rows).allows(address)).toBe(allowed)
})

test.each([
  ['all', true],
  ['10.0.0.0/8', true],
  ['::1', true],
  ['10.0.0.0/33', false],
  ['example.com', false],
])('%s is an allowance: %s', (text, is) => {
  expect(isAllowance(text)).toBe(is)
})

import { describe, expect, it } from 'vitest'
import { strftime } from '../../src/util/strftime.ts'

describe('strftime', () => {
  it.each([
    ['%A, %d-%b-%Y %H:%M:%S %Z', 'Sunday, 03-Jan-2021 04:05:06 GMT'],
    ['%a %B %e %j %y %C', 'Sun January  3 003 21 20'],
    ['%G-W%V-%u %g %w %U %W', '2020-W53-7 20 0 01 00'],
    ['%D %F %T %R %r', '01/03/21 2021-01-03 04:05:06 04:05 04:05:06 AM'],
    ['%c|%x|%X', 'Sun Jan  3 04:05:06 2021|01/03/21|04:05:06'],
    ['%I %l %k %p %P %z %s', '04  4  4 AM am +0000 1609646706'],
    ['100%% %n%t%Q', '100% \n\t%Q'],
  ])('of %s', (format, expected) => {
    expect(strftime(format, new Date(Date.UTC(2021, 0, 3, 4, 5, 6)), true)).toBe(expected)
  })
})

import { describe, expect, it } from 'vitest'
import { parseDigits, parseOffset, parseSize } from '../../src/util/size.ts'

describe('sizes', () => {
  it.each([
    ['0', 0],
    ['512', 512],
    ['010', 10],
    ['8k', 8192],
    ['8K', 8192],
    ['1m', 1048576],
    ['1M', 1048576],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('%j is a size and an offset', (text, bytes) => {
    expect([parseSize(text), parseOffset(text)]).toEqual([bytes, bytes])
  })

  it.each([
    ['1g', 1024 ** 3],
    ['2G', 2 * 1024 ** 3],
    ['8388607g', 8388607 * 1024 ** 3],
  ])('%j is an offset only', (text, bytes) => {
    expect([parseSize(text), parseOffset(text)]).toEqual([undefined, bytes])
  })

  it.each([
    '',
    'k',
    'm',
    '-1',
    '+1',
    '1.5m',
    '1 k',
    ' 1',
    '1kb',
    '1t',
    '0x10',
    '1e3',
    '9007199254740992',
    '8388608g',
    '99999999999999999999',
    '１',
  ])('%j is neither', (text) => {
    expect([parseSize(text), parseOffset(text)]).toEqual([undefined, undefined])
  })
})

describe('digits', () => {
  it('are nothing but digits', () => {
    expect(['7', '007', '', '7k', '-7', '9007199254740993'].map(parseDigits)).toEqual([
      7,
      7,
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})

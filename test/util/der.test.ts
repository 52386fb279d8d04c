import { describe, expect, it } from 'vitest'
import { derItems, derObjectId } from '../../src/util/der.ts'

describe('derItems', () => {
  it.each([
    ['02010530020500', [0x02, 0x30]],
    [`048180${'00'.repeat(128)}`, [0x04]],
    ['020105300905', [0x02]],
    ['0284ffffffff00', []],
    ['0280', []],
    ['', []],
  ])('%s', (hex, tags) => {
    expect(derItems(Buffer.from(hex, 'hex')).map(({ tag }) => tag)).toEqual(tags)
  })
})

describe('derObjectId', () => {
  it.each([
    ['550403', '2.5.4.3'],
    ['2a864886f70d010901', '1.2.840.113549.1.9.1'],
    ['883703', '2.999.3'],
  ])('%s', (hex, expected) => {
    expect(derObjectId(Buffer.from(hex, 'hex'))).toBe(expected)
  })
})

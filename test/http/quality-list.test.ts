import { expect, test } from 'vitest'
import { codingQuality, parseQualityList } from '../../src/http/quality-list.ts'

test('no more than 64 members are read', () => {
  const header = Array.from({ length: 10_000 }, (_, index) => `c${index};q=0.${index % 10}`).join(',')
  const members = parseQualityList(header)
  expect(members.map(({ value }) => value)).toEqual(Array.from({ length: 64 }, (_, index) => `c${index}`))
  expect([codingQuality(header, 'c63'), codingQuality(header, 'c64')]).toEqual([0.3, undefined])
})

test('empty members count as well: they are work too', () => {
  expect(parseQualityList(`${','.repeat(64)}gzip`)).toEqual([])
  expect(parseQualityList(`${','.repeat(63)}gzip`)).toEqual([{ value: 'gzip', quality: 1 }])
})

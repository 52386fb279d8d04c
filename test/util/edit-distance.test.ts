import { describe, expect, it } from 'vitest'
import { editDistance, nearest } from '../../src/util/edit-distance.ts'

describe('edit distance', () => {
  it.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['', 'abc', 3],
    ['abc', '', 3],
    ['listen', 'lisen', 1],
    ['listen', 'listeen', 1],
    ['listen', 'lissen', 1],
    ['listen', 'litsen', 1],
    ['ca', 'abc', 3],
    ['kitten', 'sitting', 3],
  ])('%j to %j', (a, b, distance) => {
    expect([editDistance(a, b), editDistance(b, a)]).toEqual([distance, distance])
  })
})

describe('nearest', () => {
  const names = ['root', 'listen', 'location', 'log_format', 'proxy_pass', 'proxy_bind']
  it.each([
    ['lisen', 'listen'],
    ['locaton', 'location'],
    ['prox_pass', 'proxy_pass'],
    ['rot', 'root'],
    ['roots', 'root'],
    ['xyz', undefined],
    ['r', undefined],
    ['', undefined],
    ['listenlisten', undefined],
  ])('%j', (word, expected) => {
    expect(nearest(word, names)).toBe(expected)
  })

  it('takes the first of equals', () => {
    expect(nearest('abcx', ['abca', 'abcb'])).toBe('abca')
  })
})

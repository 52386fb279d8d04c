import { describe, expect, it } from 'vitest'
import { SubstringReplacer } from '../../src/front/substring-replacer.ts'

function replace(
  pieces: readonly string[],
  pairs: readonly (readonly [string, string])[],
  once = false,
): string {
  const replacer = new SubstringReplacer(
    pairs.map(([pattern, text]) => ({ pattern, bytes: () => Buffer.from(text) })),
    once,
  )
  const out = pieces.map((piece, index) => replacer.replace(Buffer.from(piece), index === pieces.length - 1))
  return Buffer.concat(out.flat()).toString()
}

describe('strings in a body', () => {
  it.each<[string, readonly (readonly [string, string])[], string, string]>([
    ['aXbxC', [['x', '-']], 'a-b-C', 'a-bxC'],
    ['aaa', [['aa', '1']], '1a', '1a'],
    [
      'abcabd',
      [
        ['abd', '1'],
        ['abc', '2'],
      ],
      '21',
      '21',
    ],
    [
      'abc',
      [
        ['ab', '1'],
        ['abc', '2'],
      ],
      '1c',
      '1c',
    ],
    [
      'abc',
      [
        ['abc', '2'],
        ['ab', '1'],
      ],
      '2',
      '2',
    ],
    ['ababab', [['ab', '']], '', 'abab'],
    [
      'xaby',
      [
        ['abc', '1'],
        ['b', '2'],
      ],
      'xa2y',
      'xa2y',
    ],
    ['none', [['z', '1']], 'none', 'none'],
    ['tail ab', [['abc', '1']], 'tail ab', 'tail ab'],
  ])('of %s', (text, pairs, all, first) => {
    for (const pieces of [[text], [...text, '']]) {
      expect(replace(pieces, pairs)).toBe(all)
      expect(replace(pieces, pairs, true)).toBe(first)
    }
  })

  it('are passed on but for what may be the beginning of one', () => {
    const replacer = new SubstringReplacer([{ pattern: 'abc', bytes: () => Buffer.from('1') }], false)
    expect(Buffer.concat(replacer.replace(Buffer.from('xyab'), false)).toString()).toBe('xy')
    expect(Buffer.concat(replacer.replace(Buffer.from('d'), false)).toString()).toBe('abd')
  })
})

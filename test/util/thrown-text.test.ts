import { describe, expect, it } from 'vitest'
import { thrownText, valueText } from '../../src/util/thrown-text.ts'

const looped: Record<string, unknown> = {}
looped['self'] = looped

function refuse(): never {
  throw new Error('not to be had')
}

describe('valueText', () => {
  it.each<[string, unknown, string]>([
    ['text', 'plain', 'plain'],
    ['nothing', undefined, 'undefined'],
    ['a symbol', Symbol('x'), 'Symbol(x)'],
    ['a bigint', 5n, '5'],
    ['an object', { code: 5 }, '{"code":5}'],
    ['an object with a bigint', { code: 5n }, '[object Object]'],
    ['an object in a circle', looped, '[object Object]'],
    ['an object without a prototype', Object.create(null), '{}'],
    [
      'one that makes no text and no JSON',
      { toString: refuse, toJSON: refuse },
      'something that cannot be made text',
    ],
    ['one with a text of its own', { toString: () => 'mine' }, 'mine'],
    ['an object of JSON that is nothing', { toJSON: () => undefined }, '[object Object]'],
  ])('%s', (_name, value, text) => {
    expect(valueText(value)).toBe(text)
  })

  it('is cut', () => {
    expect(valueText('x'.repeat(5000))).toHaveLength(2000)
    expect(valueText({ long: 'x'.repeat(5000) })).toHaveLength(2000)
  })
})

describe('thrownText', () => {
  it('is the stack of an error, cut to so many lines', () => {
    const error = new Error('boom')
    expect(thrownText(error)).toBe(error.stack)
    expect(thrownText(error, 2).split('\n')).toHaveLength(2)
  })

  it('has the causes behind it, and an end', () => {
    const error = new Error('one')
    error.cause = new Error('two', { cause: error })
    const lines = thrownText(error, 1).split('\n')
    expect(lines.slice(0, 3)).toEqual(['Error: one', 'caused by Error: two', 'caused by Error: one'])
    expect(lines.length).toBeLessThan(10)
    expect(thrownText(new Error('x', { cause: 'why' }), 1)).toBe('Error: x\ncaused by why')
  })

  it('needs neither stack nor message', () => {
    expect(thrownText(Object.assign(new Error('x'), { stack: [] }))).toBe('Error: x')
    expect(thrownText(Object.defineProperty(new Error('x'), 'stack', { get: refuse }))).toBe('Error: x')
    const nothing = Object.defineProperties(new Error('x'), {
      stack: { get: refuse },
      message: { get: refuse },
    })
    expect(thrownText(nothing)).toBe('something that cannot be made text')
    expect(thrownText({ code: 5 })).toBe('threw {"code":5}')
  })
})

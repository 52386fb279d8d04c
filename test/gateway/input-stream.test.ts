import { describe, expect, it } from 'vitest'
import type { InputStream } from '../../src/gateway/application.ts'
import { RequestInput, emptyInput } from '../../src/gateway/input-stream.ts'
import { codeOf, pieces } from '../contract/feeds.ts'
import { settled } from './recording-sink.ts'

const TEXT = 'first line\nsecond\n\nlast without end'
const LINES = ['first line\n', 'second\n', '\n', 'last without end']

/** What a read gives, as text, or its code. */
async function outcome(read: Promise<Buffer | Buffer[]>): Promise<string | string[]> {
  try {
    const result = await read
    return Array.isArray(result) ? result.map(String) : result.toString('latin1')
  } catch (error) {
    return codeOf(error)
  }
}

function filled(
  text: string,
  chunkSize = text.length,
  length: number | undefined = text.length,
): RequestInput {
  const input = new RequestInput(length, () => undefined)
  for (const piece of pieces(Buffer.from(text, 'latin1'), chunkSize)) input.push(piece)
  return input
}

type Reads = (input: InputStream) => Promise<unknown>

async function repeat(read: () => Promise<Buffer>): Promise<string[]> {
  const seen: string[] = []
  for (let part = await read(); part.length > 0; part = await read()) seen.push(part.toString('latin1'))
  return seen
}

async function iterate(input: InputStream): Promise<string[]> {
  const seen: string[] = []
  for await (const piece of input) seen.push(piece.toString('latin1'))
  return seen
}

const CASES: [name: string, reads: Reads, expected: unknown][] = [
  ['read()', (input) => outcome(input.read()), TEXT],
  ['read() with -1', (input) => outcome(input.read(-1)), TEXT],
  ['read(0)', (input) => outcome(input.read(0)), ''],
  [
    'read(7) until it is empty',
    (input) => repeat(() => input.read(7)),
    ['first l', 'ine\nsec', 'ond\n\nla', 'st with', 'out end'],
  ],
  ['read(1000)', (input) => outcome(input.read(1000)), TEXT],
  ['readline()', (input) => repeat(() => input.readline()), LINES],
  [
    'readline(6)',
    (input) => repeat(() => input.readline(6)),
    ['first ', 'line\n', 'second', '\n', '\n', 'last w', 'ithout', ' end'],
  ],
  [
    'readline(7), which a line fits exactly',
    (input) => repeat(() => input.readline(7)),
    ['first l', 'ine\n', 'second\n', '\n', 'last wi', 'thout e', 'nd'],
  ],
  ['readlines()', (input) => outcome(input.readlines()), LINES],
  ['readlines(12)', (input) => outcome(input.readlines(12)), LINES.slice(0, 2)],
  ['iteration, joined', async (input) => (await iterate(input)).join(''), TEXT],
  [
    'a mix',
    async (input) => [
      await outcome(input.read(3)),
      await outcome(input.readline()),
      await outcome(input.read()),
    ],
    ['fir', 'st line\n', 'second\n\nlast without end'],
  ],
]

describe('RequestInput', () => {
  it.each(CASES)('%s gives the same however the body comes', async (_, reads, expected) => {
    for (let chunkSize = 1; chunkSize <= TEXT.length; chunkSize++) {
      expect(await reads(filled(TEXT, chunkSize)), `before, in pieces of ${chunkSize}`).toEqual(expected)

      const later = new RequestInput(TEXT.length, () => undefined)
      const result = reads(later)
      for (const piece of pieces(Buffer.from(TEXT), chunkSize)) {
        later.push(piece)
        if (chunkSize > 5) await settled()
      }
      expect(await result, `later, in pieces of ${chunkSize}`).toEqual(expected)

      const unknown = new RequestInput(undefined, () => undefined)
      const unknownResult = reads(unknown)
      for (const piece of pieces(Buffer.from(TEXT), chunkSize)) unknown.push(piece)
      unknown.end()
      expect(await unknownResult, `of unknown length, in pieces of ${chunkSize}`).toEqual(expected)
    }
  })

  it('iterates pieces as they come, and the rest of one that was read in part', async () => {
    const input = new RequestInput(9, () => undefined)
    const seen: string[] = []
    const reading = (async () => {
      seen.push(String(await input.read(2)))
      for await (const piece of input) seen.push(piece.toString())
    })()
    for (const piece of ['abc', 'd\ne\n', 'fg']) {
      input.push(Buffer.from(piece))
      await settled()
    }
    await reading
    expect(seen).toEqual(['ab', 'c', 'd\ne\n', 'fg'])
  })

  it('does not iterate a million line feeds one by one', async () => {
    expect(await iterate(filled('\n'.repeat(1 << 20), 1 << 19))).toHaveLength(2)
  })

  it('iterates what came of a body that was broken off, then rejects', async () => {
    const input = filled('abc', 3, 5)
    input.end()
    const seen: string[] = []
    const reading = (async () => {
      for await (const piece of input) seen.push(piece.toString())
    })()
    await expect(reading).rejects.toMatchObject({ code: 'WSGI_INPUT_TRUNCATED' })
    expect(seen).toEqual(['abc'])
  })

  it('is empty after its end, as often as one asks', async () => {
    const input = filled('abc')
    await input.read()
    expect([
      await outcome(input.read()),
      await outcome(input.readline()),
      await outcome(input.readlines()),
    ]).toEqual(['', '', []])
  })

  it('is empty at once when the length is 0', async () => {
    const input = new RequestInput(0, () => undefined)
    expect([input.complete, await outcome(input.read()), await iterate(input)]).toEqual([true, '', []])
  })

  it('cuts what is longer than CONTENT_LENGTH, and says so', async () => {
    const input = filled('hello', 5, 3)
    expect([input.overrun, input.complete, await outcome(input.read())]).toEqual([true, true, 'hel'])
    const later = filled('hel', 3, 3)
    expect(later.overrun).toBe(false)
    later.push(Buffer.from('l'))
    expect([later.overrun, await outcome(later.read())]).toEqual([true, 'hel'])
  })

  it.each<[string, Reads, unknown]>([
    ['read()', (input) => outcome(input.read()), 'WSGI_INPUT_TRUNCATED'],
    [
      'read(n) after what came',
      async (input) => [await outcome(input.read(100)), await outcome(input.read(100))],
      ['a\nbc', 'WSGI_INPUT_TRUNCATED'],
    ],
    [
      'readline() after whole lines',
      async (input) => [await outcome(input.readline()), await outcome(input.readline())],
      ['a\n', 'WSGI_INPUT_TRUNCATED'],
    ],
    ['readlines()', (input) => outcome(input.readlines()), 'WSGI_INPUT_TRUNCATED'],
    ['read(0)', (input) => outcome(input.read(0)), ''],
  ])('rejects %s when the body is shorter than CONTENT_LENGTH', async (_, reads, expected) => {
    const before = filled('a\nbc', 4, 10)
    before.end()
    expect(await reads(before)).toEqual(expected)

    const later = new RequestInput(10, () => undefined)
    const result = reads(later)
    later.push(Buffer.from('a\nbc'))
    later.end()
    expect(await result).toEqual(expected)
  })

  it('rejects with the reason that the server gave', async () => {
    const input = new RequestInput(undefined, () => undefined)
    const read = input.read()
    input.abort(Object.assign(new Error('gone'), { code: 'ECONNRESET' }))
    input.abort(new Error('too late'))
    expect(await outcome(read)).toBe('ECONNRESET')
    expect(input.push(Buffer.from('x'))).toBe(true)
    expect(await outcome(input.read(1))).toBe('ECONNRESET')
  })

  it('takes no harm from an abort after the body was whole', async () => {
    const input = filled('abc')
    input.abort(new Error('gone'))
    input.end()
    expect(await outcome(input.read())).toBe('abc')
  })

  it('says no to a second read while one waits', async () => {
    const input = new RequestInput(3, () => undefined)
    const first = input.read()
    expect(await outcome(input.readline())).toBe('WSGI_INPUT_BUSY')
    input.push(Buffer.from('abc'))
    expect(await outcome(first)).toBe('abc')
  })

  it('waits for an end that tells it that a line is over, but not for more than it was asked', async () => {
    const input = new RequestInput(undefined, () => undefined)
    const seen: string[] = []
    void outcome(input.readline(3)).then((line) => seen.push(String(line)))
    input.push(Buffer.from('ab'))
    await settled()
    expect(seen).toEqual([])
    input.push(Buffer.from('c'))
    await settled()
    expect(seen).toEqual(['abc'])
  })
})

describe('back-pressure of RequestInput', () => {
  it('says stop at 64 KiB, and go when they are read', async () => {
    let drained = 0
    const input = new RequestInput(undefined, () => drained++)
    expect(input.push(Buffer.alloc(65535))).toBe(true)
    expect(input.push(Buffer.alloc(1))).toBe(false)
    expect(drained).toBe(0)
    expect((await input.read(10)).length).toBe(10)
    expect(drained).toBe(1)
    expect(input.push(Buffer.alloc(10))).toBe(false)
  })

  it('lets a read of more than the mark come', async () => {
    let drained = 0
    const input = new RequestInput(undefined, () => drained++)
    expect(input.push(Buffer.alloc(70_000))).toBe(false)
    const read = input.read(200_000)
    expect(drained).toBe(1)
    expect(input.push(Buffer.alloc(70_000))).toBe(true)
    expect(input.push(Buffer.alloc(70_000))).toBe(true)
    expect((await read).length).toBe(200_000)
  })

  it('never says stop for the last piece', () => {
    const input = new RequestInput(70_000, () => undefined)
    expect(input.push(Buffer.alloc(70_000))).toBe(true)
  })

  it('takes and drops everything after discard, and goes on if it had stopped', async () => {
    let drained = 0
    const input = new RequestInput(300_000, () => drained++)
    expect(input.push(Buffer.alloc(100_000))).toBe(false)
    input.discard()
    expect(drained).toBe(1)
    expect(input.push(Buffer.alloc(100_000))).toBe(true)
    expect(input.push(Buffer.alloc(100_000))).toBe(true)
    expect([input.complete, await outcome(input.read())]).toEqual([true, 'WSGI_INPUT_DROPPED'])
  })

  it.each<[string, Reads]>([
    ['read()', (input) => input.read()],
    ['read(9)', (input) => input.read(9)],
    ['readline()', (input) => input.readline()],
    ['iteration', (input) => iterate(input)],
  ])('gives %s of a discarded body no end that looks as if it were whole', async (_name, read) => {
    const late = filled('part', 4, 9)
    late.discard()
    await expect(read(late)).rejects.toMatchObject({ code: 'WSGI_INPUT_DROPPED' })
    const waiting = new RequestInput(undefined, () => undefined)
    const reading = read(waiting)
    waiting.discard()
    await expect(reading).rejects.toMatchObject({ code: 'WSGI_INPUT_DROPPED' })
  })

  it('has its end after discard where it was read to that', async () => {
    const input = filled('all', 3)
    await input.read()
    input.discard()
    expect(await outcome(input.read())).toBe('')
  })

  it('keeps 60,000 single bytes in a few buffers', async () => {
    const input = new RequestInput(60_000, () => undefined)
    const byte = Buffer.from('x')
    for (let i = 0; i < 60_000; i++) {
      byte[0] = 97 + (i % 26)
      input.push(i === 0 ? Buffer.from(byte) : byte)
    }
    const whole = await input.read()
    expect(whole.toString()).toBe('abcdefghijklmnopqrstuvwxyz'.repeat(2308).slice(0, 60_000))
  })
})

describe('emptyInput', () => {
  it('is empty in every way', async () => {
    expect([
      await outcome(emptyInput.read()),
      await outcome(emptyInput.readline(5)),
      await outcome(emptyInput.readlines()),
      await iterate(emptyInput),
    ]).toEqual(['', '', [], []])
  })
})

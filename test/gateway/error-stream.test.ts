import { describe, expect, it } from 'vitest'
import { LineErrorStream } from '../../src/gateway/error-stream.ts'

function linesOf(use: (stream: LineErrorStream) => void): string[] {
  const lines: string[] = []
  use(new LineErrorStream((line) => lines.push(line)))
  return lines
}

describe('LineErrorStream', () => {
  it.each<[string, (stream: LineErrorStream) => void, string[]]>([
    ['a line', (stream) => stream.write('oops\n'), ['oops']],
    ['lines in one write', (stream) => stream.write('a\n\nb\n'), ['a', '', 'b']],
    [
      'a line in several writes',
      (stream) => ['a', 'b', '\nc', '\n'].forEach((text) => stream.write(text)),
      ['ab', 'c'],
    ],
    ['writelines', (stream) => stream.writelines(new Set(['a\n', 'b', 'c\n'])), ['a', 'bc']],
    ['a line without an end: nothing yet', (stream) => stream.write('a'), []],
    [
      'flush',
      (stream) => (stream.write('a'), stream.flush(), stream.flush(), stream.write('b\n')),
      ['a', 'b'],
    ],
    ['any Unicode', (stream) => stream.write('\u{1f600}\0\x1b\n'), ['\u{1f600}\0\x1b']],
  ])('passes on %s', (_, use, lines) => {
    expect(linesOf(use)).toEqual(lines)
  })

  it('does not keep a line that never ends', () => {
    const lines = linesOf((stream) => {
      for (let i = 0; i < 3000; i++) stream.write('0123456789')
    })
    expect(lines.map((line) => line.length)).toEqual([8192, 8192, 8192])
  })
})

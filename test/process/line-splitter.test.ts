import { expect, test } from 'vitest'
import { LineSplitter } from '../../src/process/line-splitter.ts'

test.each([1, 2, 3, 7, 100])('lines come whole from pieces of %d bytes', (size) => {
  const lines: string[] = []
  const splitter = new LineSplitter((line) => lines.push(line))
  const bytes = Buffer.from('eins\nzwei\r\n\nGrüße ✓\nrest')
  for (let at = 0; at < bytes.length; at += size) splitter.push(bytes.subarray(at, at + size))
  expect(lines.slice(0, 4)).toEqual(['eins', 'zwei', '', 'Grüße ✓'])
  splitter.end()
  expect(lines.at(-1)).toBe('rest')
})

test('a line without an end is bounded', () => {
  const lines: string[] = []
  const splitter = new LineSplitter((line) => lines.push(line))
  for (let round = 0; round < 100; round += 1) splitter.push(Buffer.alloc(1024, 'x'))
  expect(lines.length).toBeGreaterThan(4)
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(20_000)
})

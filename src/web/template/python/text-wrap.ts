import { codePointLength } from './sequence.ts'
import { splitLines, strip } from './text-methods.ts'

/**
 * Breaks lines at white space so that none is wider than `width`, unless a single word is. Line breaks that are there
 * stay. The white space at a break is dropped; tabs become spaces.
 */
export function wrap(text: string, width: number): string {
  const lines: string[] = []
  for (const line of splitLines(text)) {
    const wrapped = wrapLine(expandTabs(line), width)
    lines.push(...(wrapped.length > 0 ? wrapped : [line]))
  }
  if (text.endsWith('\n')) lines.push('')
  return lines.join('\n')
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = []
  let current: string[] = []
  let length = 0
  const flush = (): void => {
    if (current.length > 0 && strip(current.at(-1) ?? '') === '') current.pop()
    if (current.length > 0) lines.push(current.join(''))
    current = []
    length = 0
  }
  for (const chunk of line.split(/([\t-\r ]+)/)) {
    if (chunk === '') continue
    const size = codePointLength(chunk)
    if (current.length > 0 && length + size > width) flush()
    if (current.length === 0 && lines.length > 0 && strip(chunk) === '') continue
    current.push(chunk)
    length += size
  }
  flush()
  return lines
}

function expandTabs(line: string): string {
  if (!line.includes('\t')) return line
  let expanded = ''
  let column = 0
  for (const character of line) {
    const piece = character === '\t' ? ' '.repeat(8 - (column % 8)) : character
    expanded += piece
    column += character === '\t' ? piece.length : 1
  }
  return expanded
}

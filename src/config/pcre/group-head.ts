/** What stands between a `(` and the body of its group. */
import { NO_OPTIONS, OPTION_LETTERS, type Options } from './options.ts'
import type { Scanner } from './scanner.ts'

export type GroupHead =
  | { readonly kind: 'capture'; readonly name?: string }
  | { readonly kind: 'plain'; readonly options: Options }
  | { readonly kind: 'atomic' }
  | { readonly kind: 'look'; readonly behind: boolean; readonly negative: boolean }
  /** `(?i)`: no group, what follows has these options. */
  | { readonly kind: 'options'; readonly options: Options }
  /** `(?P=name)`: no group either. */
  | { readonly kind: 'reference'; readonly name: string }

const LOOKS: readonly (readonly [head: string, behind: boolean, negative: boolean])[] = [
  ['=', false, false],
  ['!', false, true],
  ['<=', true, false],
  ['<!', true, true],
]

const UNSUPPORTED: readonly (readonly [head: RegExp, reason: string])[] = [
  [/\|/y, 'groups cannot share a number: (?|'],
  [/\(/y, 'conditional groups are not supported'],
  [/C/y, 'callouts are not supported'],
  [/R|&|P>|[+-]?[0-9]/y, 'a group cannot be called as a subroutine'],
  [/[*]|<\*/y, 'non-atomic look-around is not supported'],
]

/** Reads from the `(` on. */
export function readGroupHead(scan: Scanner, options: Options): GroupHead {
  const start = scan.at++
  if (/^\*[A-Za-z:]/.test(scan.text.slice(scan.at, scan.at + 2)))
    scan.unsupported('(*VERBS) are not supported', start)
  if (!scan.eat('?')) return options.noAutoCapture ? { kind: 'plain', options } : { kind: 'capture' }
  for (const [head, behind, negative] of LOOKS) if (scan.eat(head)) return { kind: 'look', behind, negative }
  if (scan.eat('>')) return { kind: 'atomic' }
  for (const [head, reason] of UNSUPPORTED) if (scan.match(head)) scan.unsupported(reason, start)
  if (scan.eat('P=')) return { kind: 'reference', name: readName(scan, ')') }
  const opening = scan.match(/P?<|'/y)?.[0]
  if (opening !== undefined) return { kind: 'capture', name: readName(scan, closing(opening)) }
  return readOptions(scan, options)
}

/** What ends a name after this opening: `<`, `{`, `'`. */
export function closing(opening: string): string {
  return opening.endsWith('<') ? '>' : opening === '{' ? '}' : opening
}

export function readName(scan: Scanner, terminator: string): string {
  const name = scan.match(/\w*/y)?.[0] ?? ''
  if (name === '') scan.syntax('subpattern name expected')
  if (/^[0-9]/.test(name)) scan.syntax('subpattern name must start with a non-digit', scan.at - name.length)
  if (name.length > 32) scan.syntax('subpattern name is too long (maximum 32 code units)')
  if (!scan.eat(terminator)) scan.syntax('syntax error in subpattern name (missing terminator?)')
  return name
}

function readOptions(scan: Scanner, outer: Options): GroupHead {
  const set: Partial<Record<keyof Options, boolean>> = {}
  const caret = scan.eat('^')
  let on = true
  for (;;) {
    const letter = scan.next()
    const options = { ...(caret ? { ...NO_OPTIONS, ungreedy: outer.ungreedy } : outer), ...set }
    if (letter === ')') return { kind: 'options', options }
    if (letter === ':') return { kind: 'plain', options }
    if (letter === '-' && (caret || !on)) scan.syntax('invalid hyphen in option setting', scan.at - 1)
    if (letter === '-') {
      on = false
      continue
    }
    const option = OPTION_LETTERS.get(letter)
    if (letter === '') scan.syntax('missing closing parenthesis')
    if (letter === 'J') scan.unsupported('groups cannot share a name: (?J)', scan.at - 1)
    if (letter === 'x' && scan.here === 'x') scan.unsupported('(?xx) is not supported', scan.at - 1)
    if (!option) return scan.syntax('unrecognized character after (? or (?-', scan.at - 1)
    set[option] = on
  }
}

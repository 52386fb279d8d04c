/** `path [level1 [level2 [level3]]]`: a folder and the digits of its subfolders (nginx's ngx_conf_set_path_slot). */
import type { Word } from '../config/ast.ts'
import type { Directive, ParseContext } from '../config/directive.ts'
import { readPath } from '../config/arguments.ts'
import { parseDigits } from '../util/size.ts'
import type { TempPath } from './server-config.ts'

interface TempPathSpec {
  readonly name: string
  readonly doc: string
  readonly noEffect?: string
}

export function tempPathRow(spec: TempPathSpec): Directive<TempPath | undefined> {
  return {
    kind: 'single',
    contexts: ['http', 'server', 'location'],
    args: { min: 1, max: 4 },
    syntax: 'path [level1 [level2 [level3]]]',
    default: undefined,
    ...spec,
    parse: ([path, ...levels], at) => ({
      folder: readPath('prefix')(path?.text ?? '', at),
      levels: readLevels(levels, at),
    }),
  }
}

/** Digits of a file's name, which has ten. */
const MOST_DIGITS = 10

export function readLevels(words: readonly Word[], at: ParseContext): number[] {
  const levels = words.map(({ text }) => parseDigits(text) ?? 0)
  const digits = levels.reduce((sum, level) => sum + level, 0)
  if (levels.includes(0) || digits > MOST_DIGITS) at.fail(`"${at.statement.name}" directive invalid value`)
  return levels
}

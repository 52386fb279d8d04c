/** `path [level1 [level2 [level3]]]`: a folder and the digits of its subfolders (nginx's ngx_conf_set_path_slot). */
import type { Directive } from '../config/directive.ts'
import { readPath } from '../config/arguments.ts'
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
      levels: levels.map(({ text }) =>
        /^[1-3]$/.test(text) ? Number(text) : at.fail(`invalid value "${text}"`),
      ),
    }),
  }
}

/** `user:rw group:rw all:r`: permissions of files that the server makes (`dav_access`, `*_store_access`). */
import type { Directive } from '../config/directive.ts'
import type { RowSpec } from '../config/rows.ts'

const SHIFTS = new Map([
  ['user', 6],
  ['group', 3],
  ['all', 0],
])
const RIGHTS = new Map([
  ['r', 4],
  ['rw', 6],
])

/** The owner reads and writes unless it is said otherwise. */
export function accessRow(spec: RowSpec): Directive<number> {
  return {
    ...spec,
    kind: 'single',
    args: [1, 2, 3],
    syntax: 'users:permissions ...',
    default: 0o600,
    defaultText: 'user:rw',
    parse: (args, at) => {
      let mode = 0
      let owner = 0o600
      for (const { text } of args) {
        const colon = text.indexOf(':')
        const shift = SHIFTS.get(text.slice(0, colon))
        const right = RIGHTS.get(text.slice(colon + 1))
        if (shift === undefined || right === undefined) return at.fail(`invalid value "${text}"`)
        if (shift === 6) owner = 0
        mode |= right << shift
      }
      return mode | owner
    },
  }
}

/** Of a folder for such files: who may read may go through. */
export function folderAccess(mode: number): number {
  return mode | ((mode & 0o444) >> 2)
}

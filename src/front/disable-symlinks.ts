/** `disable_symlinks`: its row, and what is looked up under it. */
import type { ComplexValue } from '../config/complex-value.ts'
import { parseComplexValue } from '../config/complex-value.ts'
import type { Directive, ParseContext } from '../config/directive.ts'
import type { Word } from '../config/ast.ts'
import type { Scope } from '../config/scope.ts'
import type { FileLookup } from '../io/files/file-cache.ts'
import { linkOnTheWay, walkWithoutLinks, type WalkRule } from '../io/files/walk-without-links.ts'
import { filePath } from '../util/file-path.ts'
import type { CompileContext } from './front-module.ts'
import type { Request } from './request.ts'
import type { Value } from './value.ts'

interface SymlinksRow extends WalkRule {
  readonly from: ComplexValue | undefined
}

export const disableSymlinks: Directive<SymlinksRow | undefined> = {
  kind: 'single',
  name: 'disable_symlinks',
  contexts: ['http', 'server', 'location'],
  args: [1, 2],
  syntax: 'off | on | if_not_owner [from=part]',
  default: undefined,
  defaultText: 'off',
  doc: 'Refuses files behind symbolic links: any, or those whose owner is not that of what they lead to. Links in the beginning of the path that from names are not looked at.',
  parse: parseRow,
}

function parseRow(args: readonly Word[], at: ParseContext): SymlinksRow | undefined {
  let mode = ''
  let from: ComplexValue | undefined
  for (const { text } of args) {
    if (text === 'off' || text === 'on' || text === 'if_not_owner') mode = text
    else if (text.startsWith('from=')) from = parseComplexValue(text.slice(5))
    else at.fail(`invalid parameter "${text}"`)
  }
  if (mode === '') at.fail('"disable_symlinks" must have "off", "on" or "if_not_owner" parameter')
  const [first, second] = args
  if (second && !from) at.fail(`duplicate parameters "${first?.text ?? ''} ${second.text}"`)
  if (mode === 'off' && from) at.fail('"from=" cannot be used with "off" parameter')
  return mode === 'off' ? undefined : { ownersMayLink: mode === 'if_not_owner', from }
}

/** Of a location in which links are refused. */
export interface SymlinkRule extends WalkRule {
  readonly from: Value | undefined
}

export function compileSymlinks(scope: Scope, context: CompileContext): SymlinkRule | undefined {
  const row = scope.get(disableSymlinks)
  const bound = scope.find(disableSymlinks)
  if (!row || !bound) return undefined
  return {
    ownersMayLink: row.ownersMayLink,
    from: row.from && context.value(row.from, bound.statement),
  }
}

/**
 * `found` if the way to it holds no link that the rule refuses. A file is what it was looked up as only if the walk
 * ends at the same one: a link may come and go while both happen.
 */
export function withoutLinks(
  request: Request,
  name: string,
  found: FileLookup,
  rule: SymlinkRule,
): FileLookup {
  if (found.kind !== 'file' && found.kind !== 'directory' && found.kind !== 'other') return found
  const trusted = trustedLength(name, rule.from?.evaluate(request) ?? '')
  if (trusted === name.length) return found
  try {
    const { device, inode } = walkWithoutLinks(
      filePath(name.slice(0, trusted)),
      filePath(name.slice(trusted)),
      rule,
    )
    const same = found.kind !== 'file' || (found.inode === inode && found.device === device)
    return same ? found : { kind: 'denied', error: linkOnTheWay() }
  } catch (error) {
    return { kind: 'denied', error: error as NodeJS.ErrnoException }
  }
}

/** Whole components only, as in nginx: what is no beginning of the path is as good as nothing. */
function trustedLength(name: string, from: string): number {
  if (from === '' || !name.startsWith(from) || from.length === name.length)
    return from === name ? name.length : 0
  if (name.startsWith('/', from.length)) return from.length
  return from.endsWith('/') ? from.length - 1 : 0
}

/** Makes the named groups of `location` and `server_name` patterns known as variables before values use them. */
import { Pcre } from '../../config/pcre.ts'
import type { Scope } from '../../config/scope.ts'
import { namedGroups } from '../captures.ts'
import * as core from '../core-directives.ts'
import type { CompileContext } from '../front-module.ts'

export function declareCaptures(scope: Scope, context: CompileContext): void {
  for (const bound of scope.findList(core.serverName)) {
    if (scope.context !== 'server') break
    for (const name of bound.value as readonly string[]) {
      if (name.startsWith('~')) namedGroups(new Pcre(name.slice(1), { caseless: true }), context.variables)
    }
  }
  for (const { value } of scope.blocks(core.location)) {
    if (value.kind === 'regex') namedGroups(value.regex, context.variables)
  }
  for (const bound of scope.bound) if (bound.scope) declareCaptures(bound.scope, context)
}

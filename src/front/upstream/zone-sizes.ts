/** Sizes of the zones that `upstream` blocks name: one of several blocks says it, as in nginx. */
import { ConfigError } from '../../config/config-error.ts'
import type { Scope } from '../../config/scope.ts'
import * as rows from './upstream-directives.ts'

/** @throws ConfigError in nginx's words for two sizes, or none. */
export function zoneSizes(http: Scope): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>()
  const named = new Set<string>()
  for (const { scope } of http.blocks(rows.upstream)) {
    const bound = scope.find(rows.zone)
    const row = scope.own(rows.zone)
    if (!bound || !row) continue
    named.add(row.name)
    if (row.size === undefined) continue
    const known = sizes.get(row.name)
    if (known !== undefined && known !== row.size)
      throw new ConfigError(
        `the size ${row.size} of shared memory zone "${row.name}" conflicts with already declared size ${known}`,
        bound.statement,
      )
    sizes.set(row.name, row.size)
  }
  for (const name of named)
    if (!sizes.has(name)) throw new ConfigError(`zero size shared memory zone "${name}"`)
  return sizes
}

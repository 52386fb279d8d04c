import { ValueError } from '../errors.ts'
import type { ModelMeta } from '../model-meta.ts'

const NAME = /^[A-Za-z_$][A-Za-z0-9_$]*$/

/**
 * An annotation becomes an alias and a property: it is an identifier, and never another thing's.
 *
 * @throws ValueError
 */
export function assertAlias(meta: ModelMeta, name: string): void {
  if (!NAME.test(name) || name.includes('__')) {
    throw new ValueError(
      'Column aliases cannot contain whitespace characters, quotation marks, semicolons, or SQL comments.',
    )
  }
  if (meta.column(name) !== undefined || meta.relation(name) !== undefined || name === 'then')
    throw new ValueError(`The annotation '${name}' conflicts with a field on the model.`)
}

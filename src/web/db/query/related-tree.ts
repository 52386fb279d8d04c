import { FieldError } from '../errors.ts'
import type { ModelMeta } from '../model-meta.ts'
import type { RelatedTree } from './state.ts'

/** Which relations come along with a row: by `selectRelated` in the same query, by `prefetchRelated` in others. */

/** `tree` with the relations of a path `author__company` in it. @throws FieldError */
export function addRelated(
  meta: ModelMeta,
  tree: RelatedTree,
  [name, ...rest]: readonly string[],
): RelatedTree {
  if (name === undefined) return tree
  const relation = meta.relation(name)
  if (relation === undefined || relation.multiple) {
    const choices = [...meta.relations.values(), ...meta.reverse.values()]
      .filter((r) => !r.multiple)
      .map((r) => r.name)
    const list = choices.length > 0 ? choices.join(', ') : '(none)'
    throw new FieldError(`Invalid field name(s) given in select_related: '${name}'. Choices are: ${list}`)
  }
  const child = addRelated(relation.target.ready(), tree.get(name) ?? new Map<string, RelatedTree>(), rest)
  return new Map([...tree, [name, child]])
}

/** @throws FieldError for a path that leads nowhere */
export function checkPrefetch(root: ModelMeta, path: string): void {
  let meta = root
  for (const name of path.split('__')) {
    const relation = findPrefetch(meta.ready(), name)
    if (relation === undefined) {
      throw new FieldError(
        `Cannot find '${name}' on ${meta.objectName} object, '${path}' is an invalid parameter to prefetchRelated()`,
      )
    }
    meta = relation.target
  }
}

/** By keyword or by property: `prefetchRelated('commentSet')` is Django's way of saying it. */
export const findPrefetch = (meta: ModelMeta, name: string): ReturnType<ModelMeta['relation']> =>
  meta.relation(name) ?? [...meta.reverse.values()].find((relation) => relation.accessor === name)

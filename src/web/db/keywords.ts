import { ValueError } from './errors.ts'
import type { ModelMeta } from './model-meta.ts'

/**
 * Keywords are a plain object. A QueryDict, a Map, an array has no own properties that could be keywords: a condition
 * made of one would hold for every row, and a row made of one would be empty.
 *
 * @throws ValueError
 */
export function assertKeywords(values: object): void {
  const prototype: unknown = Object.getPrototypeOf(values)
  if (prototype === Object.prototype || prototype === null) return
  // A plain object of another realm: its prototype is the end of the chain, too.
  if (Object.getPrototypeOf(prototype) === null) return
  const kind = values.constructor.name
  throw new ValueError(
    `Keywords are given as a plain object, not as ${kind}: name the fields, as in { title: fields.get("title") }.`,
  )
}

/**
 * Values that are to be assigned to a row are its columns and single relations: whatever else JSON can name, as
 * `__proto__`, would change what the row is.
 *
 * @throws ValueError, TypeError as the model's constructor
 */
export function assertValuesOf(meta: ModelMeta, values: object): void {
  assertKeywords(values)
  for (const name of Object.keys(values)) {
    const known = meta.columns.some((column) => column.attname === name)
    if (!known && meta.relations.get(name)?.multiple !== false) throw unexpectedKeyword(meta, name)
  }
}

export function unexpectedKeyword(meta: ModelMeta, name: string): TypeError {
  return new TypeError(`${meta.objectName}() got an unexpected keyword argument '${name}'`)
}

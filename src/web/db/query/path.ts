import type { Column, JoinStep, ModelMeta } from '../model-meta.ts'
import { FieldError } from '../errors.ts'

/** A column reached from a model through relations. Interned: the same name on the same model is the same object. */
export interface Path {
  /** Unique in the process; stands for the path in keys of compiled queries. */
  readonly id: number
  readonly name: string
  readonly steps: readonly JoinStep[]
  readonly column: Column
  /** The relation that the name ends in, when it ends in one. */
  readonly endsIn: { readonly target: ModelMeta } | null
  readonly multiple: boolean
  readonly nullable: boolean
}

interface Walk {
  readonly path: Path
  /** What follows the last field: transforms and lookups. */
  readonly rest: readonly string[]
}

/** Schema-sized in use; the cap is for names that come from outside. */
const CACHE_LIMIT = 2000
const walks = new WeakMap<ModelMeta, Map<string, Walk>>()
/** By the part of a name that is fields: keys of JSON come from outside, and are no other query. */
const paths = new WeakMap<ModelMeta, Map<string, Path>>()
let nextId = 1

/**
 * Follows `name` as far as there are fields.
 *
 * @throws FieldError when not even the first part is a field
 */
export function walk(meta: ModelMeta, name: string, extraNames: Iterable<string> = []): Walk {
  const cached = walks.get(meta)?.get(name)
  if (cached !== undefined) return cached
  const { path, rest } = follow(meta.ready(), name, extraNames)
  const result = { path: known(paths, meta, path.name, path), rest }
  return known(walks, meta, name, result)
}

/** What `cache` has under a name, or takes there while it has room. */
function known<T>(cache: WeakMap<ModelMeta, Map<string, T>>, meta: ModelMeta, name: string, fresh: T): T {
  let names = cache.get(meta)
  if (names === undefined) cache.set(meta, (names = new Map<string, T>()))
  const value = names.get(name)
  if (value !== undefined) return value
  if (names.size < CACHE_LIMIT) names.set(name, fresh)
  return fresh
}

/** As `walk`, for names that are nothing but fields: `orderBy`, `values`, `F`. @throws FieldError in Django's words */
export function requirePath(meta: ModelMeta, name: string, extraNames: Iterable<string> = []): Path {
  const { path, rest } = walk(meta, name, extraNames)
  const [unknown] = rest
  if (unknown === undefined) return path
  if (path.endsIn !== null) throw path.endsIn.target.ready().unknown(unknown)
  throw new FieldError(
    `Cannot resolve keyword '${unknown}' into field. Join on '${path.column.name}' not permitted.`,
  )
}

function follow(root: ModelMeta, name: string, extraNames: Iterable<string>): Walk {
  const parts = name.split('__')
  const steps: JoinStep[] = []
  let meta = root
  let column: Column | undefined
  let endsIn: Path['endsIn'] = null
  let used = 0
  for (const part of parts) {
    if (used > 0 && endsIn === null) break
    const relation = meta.relation(part)
    const next = relation === undefined ? meta.column(part) : relation.target.ready().pk
    if (next === undefined) {
      if (used === 0) throw meta.unknown(part, extraNames)
      break
    }
    column = next
    if (relation === undefined) {
      endsIn = null
    } else {
      steps.push(...relation.steps)
      meta = relation.target
      endsIn = { target: meta }
    }
    used++
  }
  if (column === undefined) throw root.unknown(name, extraNames)
  return { path: trimmed(parts.slice(0, used).join('__'), steps, column, endsIn), rest: parts.slice(used) }
}

/** `author__id` is `author_id`: a last step to the very column it joins on needs no join. */
function trimmed(name: string, steps: JoinStep[], column: Column, endsIn: Path['endsIn']): Path {
  let last = steps.at(-1)
  while (
    last !== undefined &&
    last.to === column &&
    !last.multiple &&
    last.from.relation?.reverse === false
  ) {
    column = last.from
    steps.pop()
    last = steps.at(-1)
  }
  return {
    id: nextId++,
    name,
    steps,
    column,
    endsIn,
    multiple: steps.some((step) => step.multiple),
    nullable: column.options.null === true || steps.some((step) => step.nullable),
  }
}

import { FieldError } from '../errors.ts'
import type { Column, ModelMeta } from '../model-meta.ts'
import { requirePath } from './path.ts'
import type { Loading, RelatedTree } from './state.ts'

/** Which columns `only` and `defer` leave: by path, so that two ways to one model may differ. */

/** Paths of columns: `author__name`, a relation by its own name, `pk` by the key's. @throws FieldError */
export function loadingNames(meta: ModelMeta, names: readonly string[]): Set<string> {
  return new Set(
    names.map((name) => {
      const path = requirePath(meta.ready(), name)
      if (path.multiple) throw new FieldError(`'${name}' is not a column: only() and defer() name columns.`)
      const before = name.split('__').slice(0, -1)
      const last = name.split('__').at(-1) ?? ''
      const column = path.endsIn === null ? path.column.name : last === 'pk' ? path.column.name : last
      return [...before, column].join('__')
    }),
  )
}

/** Django's rules: `only` begins anew, `defer` adds to what is left out or takes from what is named. */
export function withLoading(
  known: Loading | null,
  names: ReadonlySet<string>,
  only: boolean,
): Loading | null {
  if (only) {
    const left = known === null || known.only ? names : difference(names, known.names)
    return { names: left, only: true }
  }
  if (known?.only === true) return { names: difference(known.names, names), only: true }
  const all = new Set([...(known?.names ?? []), ...names])
  return all.size === 0 ? null : { names: all, only: false }
}

const difference = (a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> =>
  new Set([...a].filter((name) => !b.has(name)))

/** The columns to read of the model at `prefix`, always with its key. @throws FieldError */
export function loadedColumns(
  meta: ModelMeta,
  loading: Loading,
  prefix: string,
  related: RelatedTree,
): readonly Column[] {
  const within = [...loading.names].filter((name) => name.startsWith(prefix))
  if (prefix !== '' && within.length === 0) return meta.columns
  const columns = meta.columns.filter((column) => {
    const path = prefix + column.name
    if (column === meta.pk) return true
    if (!loading.only) return !loading.names.has(path)
    return loading.names.has(path) || within.some((name) => name.startsWith(`${path}__`))
  })
  for (const name of related.keys()) {
    const column = meta.byName.get(name)
    if (column !== undefined && !columns.includes(column)) {
      throw new FieldError(
        `Field ${meta.objectName}.${name} cannot be both deferred and traversed using selectRelated at the same time.`,
      )
    }
  }
  return columns
}

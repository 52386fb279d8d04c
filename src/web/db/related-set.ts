import type { Database } from './database.ts'
import { NotSupportedError, ValueError } from './errors.ts'
import type { Column, ModelMeta, RelationMeta } from './model-meta.ts'
import { bindFilters, prepareValue } from './query/bind.ts'
import { Q } from './query/q.ts'
import { fetchRows } from './query/run.ts'
import { QuerySet } from './query/queryset.ts'
import { emptyState } from './query/state.ts'
import { requirePath } from './query/path.ts'
import { deleteRows, insertRows } from './query/write.ts'
import { markChanging } from './changing.ts'
import { rowState } from './row-state.ts'
import type { RowState } from './row-state.ts'
import type { Chain, Row, Shape, Values } from './types.ts'

/**
 * The rows on the far side of one row's to-many relation: `author.articles`, `article.tags`. A queryset over them,
 * which also makes, adds and removes. What `prefetchRelated` has loaded is given without asking again.
 */
export class RelatedSet<S extends Shape> extends QuerySet<S, Row<S>> {
  readonly #owner: RowState
  readonly #relation: RelationMeta

  private constructor(owner: RowState, relation: RelationMeta, state: QuerySet<S, Row<S>>['state']) {
    super(state)
    this.#owner = owner
    this.#relation = relation
  }

  static of<S extends Shape>(owner: RowState, relation: RelationMeta, using: Database | null): RelatedSet<S> {
    const key = owner.read(relation.source.pk)
    if (key === null || key === undefined) {
      throw new ValueError(
        `"${relation.source.objectName}" needs to have a value for its primary key before this relationship can be used.`,
      )
    }
    const state = { ...emptyState(relation.target.ready()), using }
    // The way back, walked from the far side: for a foreign key its column, else through the table between.
    const where = bindFilters(
      { meta: relation.target, annotations: state.annotations },
      [wayBack(relation, key)],
      false,
    )
    return new RelatedSet<S>(owner, relation, { ...state, steps: [{ type: 'filter', where }] })
  }

  /** Prefetched rows, else the database's. */
  protected override fetch(): Promise<Row<S>[]> {
    const loaded = this.#owner.related?.get(this.#relation.accessor)
    // What is remembered under a to-many relation's name is the list of its rows.
    return Array.isArray(loaded) ? Promise.resolve(loaded as Row<S>[]) : super.fetch()
  }

  /** A copy, prefetched rows included: `author.articles.all()` in a template costs no query. */
  override all(): Chain<S, Row<S>> {
    const copy = new RelatedSet<S>(this.#owner, this.#relation, this.state)
    // Custom methods are on the model's own querysets; the copy gives those of every queryset.
    return copy as unknown as Chain<S, Row<S>>
  }

  override async create(values: Partial<Values<S>>): Promise<Row<S>> {
    const rows = this.unfiltered()
    if (this.#relation.through !== null) {
      return this.database.atomic(async () => {
        const row = await rows.create(values as Values<S>)
        await this.add(row)
        return row
      })
    }
    const row = await rows.create({ ...values, [this.#relation.column.attname]: this.#key } as Values<S>)
    rowState(row)?.remember(this.#relation.column.name, this.#owner.row)
    this.#forget()
    return row
  }

  /** Makes these rows, or those with these keys, part of the set. */
  async add(...rows: unknown[]): Promise<void> {
    if (rows.length === 0) return
    this.#forget()
    const keys = rows.map((row) => this.#keyOf(row))
    const { through, column } = this.#relation
    if (through === null) {
      await this.unfiltered()
        .filter(Q({ pk__in: keys }))
        .update({ [column.name]: this.#key } as never)
      for (const row of rows) rowState(row)?.write(column, this.#key)
      return
    }
    const { near, far } = this.#link()
    await this.database.atomic(async () => {
      const present = new Set(await this.#linked(keys))
      const missing = [...new Set(keys)].filter((key) => !present.has(key))
      if (missing.length === 0) return
      if (!through.autoCreated) {
        await this.#declaredLinks(through, near, far, missing)
        return
      }
      const links = missing.map((key) => [this.#key, key])
      await insertRows(this.database, {
        meta: through,
        columns: [near, far],
        rows: links,
        ignoreConflicts: true,
      })
    })
  }

  /** Rows of a model that somebody declared have defaults of their own. */
  async #declaredLinks(
    through: ModelMeta,
    near: Column,
    far: Column,
    keys: readonly unknown[],
  ): Promise<void> {
    const rows = keys.map((key) => through.create({ [near.attname]: this.#key, [far.attname]: key }))
    const links = new QuerySet<Shape, object>({ ...emptyState(through.ready()), using: this.database })
    await links.bulkCreate(rows as never, { ignoreConflicts: true })
  }

  /** Takes rows out of the set. Of a foreign key only where it may be null. */
  async remove(...rows: unknown[]): Promise<void> {
    if (rows.length > 0) await this.#removeKeys(rows.map((row) => this.#keyOf(row)))
  }

  async clear(): Promise<void> {
    await this.#removeKeys(null)
  }

  /** Makes the set exactly these. */
  async set(rows: Iterable<unknown>): Promise<void> {
    const wanted = new Map([...rows].map((row) => [this.#keyOf(row), row]))
    await this.database.atomic(async () => {
      const present = await this.#presentKeys()
      const gone = present.filter((key) => !wanted.has(key))
      for (const key of present) wanted.delete(key)
      if (gone.length > 0) await this.#removeKeys(gone)
      await this.add(...wanted.values())
    })
  }

  async #removeKeys(keys: readonly unknown[] | null): Promise<void> {
    this.#forget()
    const { through, column } = this.#relation
    if (through === null) {
      if (column.options.null !== true) {
        throw new NotSupportedError(
          `${column.meta.objectName}.${column.name} may not be null: delete the rows instead.`,
        )
      }
      const mine = this.unfiltered().filter(Q({ [column.name]: this.#key }))
      const chosen = keys === null ? mine : mine.filter(Q({ pk__in: keys }))
      await chosen.update({ [column.name]: null } as never)
      return
    }
    await deleteRows(this.database, this.#links(keys))
  }

  #presentKeys(): Promise<unknown[]> {
    if (this.#relation.through !== null) return this.#linked(null)
    const keys = this.unfiltered().filter(Q({ [this.#relation.column.name]: this.#key }))
    return keys.valuesList('pk', { flat: true }).toArray()
  }

  #link(): { near: Column; far: Column } {
    const [first, second] = this.#relation.steps
    if (first === undefined || second === undefined)
      throw new NotSupportedError('Not a many-to-many relation.')
    return { near: first.to, far: second.from }
  }

  #links(keys: readonly unknown[] | null): ReturnType<typeof emptyState> {
    const { near, far } = this.#link()
    const state = { ...emptyState(near.meta.ready()), order: [] }
    const filter = { [near.name]: this.#key, ...(keys === null ? {} : { [`${far.name}__in`]: keys }) }
    const where = bindFilters({ meta: near.meta, annotations: state.annotations }, [filter], false)
    return { ...state, steps: [{ type: 'filter', where }] }
  }

  async #linked(keys: readonly unknown[] | null): Promise<unknown[]> {
    const { far } = this.#link()
    const path = requirePath(far.meta, far.attname)
    const terms = [{ name: far.attname, expression: { type: 'path', path, output: far } as const }]
    return fetchRows(this.database, { ...this.#links(keys), values: { as: 'flat', terms, groups: null } })
  }

  get #key(): unknown {
    return this.#owner.read(this.#relation.source.pk)
  }

  #keyOf(row: unknown): unknown {
    const state = rowState(row)
    const { target } = this.#relation
    // A form's text is the number that the set is compared with.
    if (state === null) return prepareValue(target.pk, target.pk.name, row)
    const key = state.read(target.pk) ?? null
    if (state.meta !== target)
      throw new ValueError(`'${target.objectName}' instance expected, got ${state.meta.objectName}`)
    if (key === null) throw new ValueError(`An unsaved ${target.objectName} cannot be added; save it first.`)
    return key
  }

  #forget(): void {
    this.#owner.related?.delete(this.#relation.accessor)
  }
}

markChanging(RelatedSet.prototype, ['create', 'add', 'remove', 'clear', 'set'])

function wayBack(relation: RelationMeta, key: unknown): Record<string, unknown> {
  if (relation.through === null) return { [relation.column.name]: key }
  const { source, target } = relation
  const back = [...target.relations.values(), ...target.reverse.values()].find(
    (other) =>
      other.through === relation.through && other.target === source && other.column !== relation.column,
  )
  if (back === undefined) throw new NotSupportedError(`${relation.name} has no way back (relatedName '+').`)
  return { [back.name]: key }
}

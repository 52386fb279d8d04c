import type { DeletionResult } from '../deletion.ts'
import { deleteSelected } from '../deletion.ts'
import { IntegrityError, ValueError } from '../errors.ts'
import { markChanging } from '../changing.ts'
import { assertValuesOf } from '../keywords.ts'
import { rowState } from '../row-state.ts'
import { saveRow } from '../save.ts'
import type { Annotated, Annotations, Chain, Changes, Ordering, Row, Shape, Values, Where } from '../types.ts'
import type { BatchOptions } from './batches.ts'
import { insertBatches } from './batches.ts'
import { bindExpression } from './bind.ts'
import type { BoundExpression } from './bound.ts'
import { containsAggregate } from './bound.ts'
import { bindChanges } from './changes.ts'
import type { Expression } from './expressions.ts'
import { prefetch } from './prefetch.ts'
import { Q } from './q.ts'
import { fetchRaw } from './raw.ts'
import { fetchAggregates, fetchChunks, fetchCount, fetchExists, fetchRows, rowsStatement } from './run.ts'
import { Selection } from './selection.ts'
import type { OrderTerm } from './state.ts'
import { emptyState, isSliced } from './state.ts'
import { updateRows } from './write.ts'

/** `get` reads no more than this to say how many there are. */
const GET_LIMIT = 21

/**
 * Django's QuerySet. Awaiting one gives its rows, and so does `for await`; both read the database once, and a
 * queryset keeps what it read (`all()` makes a fresh copy). Because it can be awaited, an `async` function that
 * returns one returns its rows: to hand on the queryset itself, return it from a function that is not `async`.
 */
export class QuerySet<S extends Shape, R>
  extends Selection<S, R>
  implements PromiseLike<R[]>, AsyncIterable<R>
{
  #rows: Promise<R[]> | null = null

  then<A = R[], B = never>(
    onFulfilled?: ((rows: R[]) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#fetch().then(onFulfilled, onRejected)
  }

  async *[Symbol.asyncIterator](): AsyncIterator<R> {
    yield* await this.#fetch()
  }

  /** The rows, for where a promise is wanted and not something like one. */
  toArray(): Promise<R[]> {
    return this.#fetch()
  }

  #fetch(): Promise<R[]> {
    return (this.#rows ??= this.#read())
  }

  /** A failure is nothing to keep: whoever asks again asks the database. */
  async #read(): Promise<R[]> {
    try {
      return await this.fetch()
    } catch (error) {
      this.#rows = null
      throw error
    }
  }

  /** Reads the rows; what is prefetched on them too. */
  protected async fetch(): Promise<R[]> {
    const { database, state } = this
    // The state says what the rows are; R is what the methods that made the state said it would be.
    const rows = (await fetchRows(database, state)) as R[]
    if (state.prefetch.length > 0) await prefetch(database, state, rows)
    return rows
  }

  /**
   * The rows, read a part at a time and kept by nobody: for more of them than fit in memory. What is prefetched is
   * prefetched for each part.
   */
  async *iterator(options: { readonly chunkSize?: number } = {}): AsyncGenerator<R, void, undefined> {
    const { database, state } = this
    const { chunkSize = 2000 } = options
    if (!Number.isInteger(chunkSize) || chunkSize <= 0)
      throw new ValueError('Chunk size must be strictly positive.')
    for await (const chunk of fetchChunks(database, state, chunkSize)) {
      if (state.prefetch.length > 0) await prefetch(database, state, chunk)
      yield* chunk as R[]
    }
  }

  /** How the database would find the rows, in its own words. `analyze` (PostgreSQL) does find them. */
  async explain(options: { readonly analyze?: boolean; readonly verbose?: boolean } = {}): Promise<string> {
    const { database, state } = this
    const { analyze = false, verbose = false } = options
    const words = [...(analyze ? ['ANALYZE'] : []), ...(verbose ? ['VERBOSE'] : [])]
    if (database.vendor === 'sqlite' && words.length > 0)
      throw new ValueError(`Unknown options: ${words.join(', ').toLowerCase()}`)
    const before = database.vendor === 'sqlite' ? 'EXPLAIN QUERY PLAN' : ['EXPLAIN', ...words].join(' ')
    const { statement, parameters } = rowsStatement(database, state, before)
    const { rows } = await database.query(statement, parameters)
    return rows.map((row) => row.join(' ')).join('\n')
  }

  /** Rows by SQL of one's own: `raw('SELECT * FROM article WHERE votes > %s', [5])`. Other columns come along. */
  raw(sql: string, parameters: readonly unknown[] = []): Promise<R[]> {
    // R is what the caller says the rows are: the model's, with what the SQL adds.
    return fetchRaw(this.database, this.meta.ready(), sql, parameters) as Promise<R[]>
  }

  // --- one row ---

  /** @throws DoesNotExist or MultipleObjectsReturned, the model's own */
  async get(...filters: (Where<S> | Q | Expression<boolean>)[]): Promise<R> {
    if (filters.length > 0) this.refuseCombined('get')
    const found = filters.length > 0 ? this.filter(...filters) : this.all()
    const rows = await (isSliced(found.state) ? found : found.slice(0, GET_LIMIT)).toArray()
    const [row] = rows
    const { meta } = this
    if (row === undefined) throw meta.doesNotExist(`${meta.objectName} matching query does not exist.`)
    if (rows.length > 1) {
      const many = rows.length < GET_LIMIT ? String(rows.length) : `more than ${GET_LIMIT - 1}`
      throw meta.multipleObjects(`get() returned more than one ${meta.objectName} -- it returned ${many}!`)
    }
    return row
  }

  /** The first row, by primary key where there is no order; null when there is none. */
  async first(): Promise<R | null> {
    const ordered = this.#isOrdered() ? this : this.#keyed()
    const [row] = await ordered.slice(0, 1).toArray()
    return row ?? null
  }

  async last(): Promise<R | null> {
    if (isSliced(this.state)) throw new TypeError('Cannot reverse a query once a slice has been taken.')
    const [row] = await (this.#isOrdered() ? this : this.#keyed()).reverse().slice(0, 1).toArray()
    return row ?? null
  }

  /** A model's own ordering does not apply to grouped queries. */
  #isOrdered(): boolean {
    const { order, meta } = this.state
    return order === null ? meta.ordering.length > 0 && !this.#isGrouped : order.length > 0
  }

  get #isGrouped(): boolean {
    return [...this.state.annotations.values()].some(containsAggregate)
  }

  /** In the order of the keys; of groups by what makes them, since a key would make other groups. */
  #keyed(): Chain<S, R> {
    const groups = this.#isGrouped ? (this.state.values?.groups ?? null) : null
    if (groups === null) return this.orderBy('pk')
    const own = groups.filter(({ expression }) => !containsAggregate(expression))
    const order = own.map(({ expression }): OrderTerm => ({
      type: 'expression',
      expression,
      descending: false,
      nulls: undefined,
    }))
    return this.derive({ order, reversed: false })
  }

  /** The row with the least value of `fields`. @throws DoesNotExist */
  async earliest(...fields: Ordering<S>[]): Promise<R> {
    return this.#one(this.orderBy(...fields))
  }

  /** The row with the greatest value of `fields`. @throws DoesNotExist */
  async latest(...fields: Ordering<S>[]): Promise<R> {
    return this.#one(this.orderBy(...fields).reverse())
  }

  async #one(ordered: Chain<S, R>): Promise<R> {
    if (ordered.state.order?.length === 0)
      throw new ValueError('earliest() and latest() require fields as arguments.')
    const [row] = await ordered.slice(0, 1).toArray()
    if (row === undefined)
      throw this.meta.doesNotExist(`${this.meta.objectName} matching query does not exist.`)
    return row
  }

  // --- numbers ---

  async count(): Promise<number> {
    if (this.#rows !== null) return (await this.#rows).length
    return fetchCount(this.database, this.state)
  }

  async exists(): Promise<boolean> {
    if (this.#rows !== null) return (await this.#rows).length > 0
    return fetchExists(this.database, this.state)
  }

  /** Whether `row` is among the rows, by its key. */
  async contains(row: Row<S>): Promise<boolean> {
    this.refuseCombined('contains')
    const state = rowState(row)
    if (state === null) throw new TypeError("'row' must be a row of a model.")
    if (this.state.values !== null)
      throw new TypeError('Cannot call QuerySet.contains() after .values() or .valuesList().')
    const key = state.read(state.meta.pk) ?? null
    if (key === null) throw new ValueError('QuerySet.contains() cannot be used on unsaved objects.')
    if (state.meta !== this.meta) return false
    if (this.#rows === null && !isSliced(this.state)) return this.filter(Q({ pk: key })).exists()
    return (await this.#fetch()).some((one) => rowState(one)?.read(this.meta.pk) === key)
  }

  /** Numbers over all rows: `aggregate({ n: Count('*'), mean: Avg('rating') })`. */
  async aggregate<const A extends Annotations>(aggregates: A): Promise<Annotated<A>> {
    this.refuseCombined('aggregate')
    const bound = new Map<string, BoundExpression>()
    for (const [name, expression] of Object.entries(aggregates)) {
      const one = bindExpression(this.names, expression)
      if (!containsAggregate(one)) throw new TypeError(`${name} is not an aggregate expression`)
      bound.set(name, one)
    }
    return (await fetchAggregates(this.database, this.state, bound)) as Annotated<A>
  }

  /** Rows by key, of those whose key is in `keys`. */
  async inBulk(keys?: Iterable<unknown>, fieldName = 'pk'): Promise<Map<unknown, R>> {
    this.refuseSlice("use 'limit' or 'offset' with inBulk")
    const column = this.meta.requireColumn(fieldName)
    if (column !== this.meta.pk && column.options.unique !== true) {
      throw new ValueError(`inBulk()'s fieldName must be a unique field but '${fieldName}' isn't.`)
    }
    const chosen = keys === undefined ? this.all() : this.filter(Q({ [`${column.name}__in`]: keys }))
    const rows = await chosen.toArray()
    return new Map(rows.map((row) => [rowState(row)?.read(column), row]))
  }

  // --- writing ---

  /** A new row, saved. */
  async create(values: Values<S>): Promise<Row<S>> {
    const { meta, database } = this
    // create() gives a row of this model: the class behind it is S's.
    const row = meta.ready().create(values) as Row<S>
    const state = rowState(row)
    if (state !== null) await saveRow(state, database, { forceInsert: true })
    return row
  }

  /** The row, and whether it had to be made. Keywords with a lookup only look; `defaults` only make. */
  async getOrCreate(
    where: Where<S> & Partial<Values<S>>,
    options: { readonly defaults?: Partial<Values<S>> } = {},
  ): Promise<[row: Row<S>, created: boolean]> {
    return this.#findOrCreate(this.all() as unknown as QuerySet<S, Row<S>>, where, options.defaults)
  }

  /** Found among `rows`; made by this, which may be a set that a new row becomes part of. */
  async #findOrCreate(
    rows: QuerySet<S, Row<S>>,
    where: Where<S> & Partial<Values<S>>,
    defaults: Partial<Values<S>> | undefined,
  ): Promise<[row: Row<S>, created: boolean]> {
    const found = await orNull(rows.get(where), this.meta.isDoesNotExist)
    if (found !== null) return [found, false]
    const values = { ...plainValues(where), ...defaults } as Values<S>
    try {
      return [await this.database.atomic(() => this.create(values)), true]
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error
      // Another made it in between; if not, the error was about something else.
      const late = await orNull(rows.all().get(where), this.meta.isDoesNotExist)
      if (late === null) throw error
      return [late, false]
    }
  }

  async updateOrCreate(
    where: Where<S> & Partial<Values<S>>,
    options: { readonly defaults?: Partial<Values<S>> } = {},
  ): Promise<[row: Row<S>, created: boolean]> {
    return this.database.atomic(async () => {
      const locked = this.selectForUpdate() as unknown as QuerySet<S, Row<S>>
      const [row, created] = await this.#findOrCreate(locked, where, options.defaults)
      if (!created && options.defaults !== undefined) {
        assertValuesOf(this.meta.ready(), options.defaults)
        Object.assign(row, options.defaults)
        await row.save()
      }
      return [row, created]
    })
  }

  /** Inserts many with few statements. Signals are not sent, as in Django. */
  async bulkCreate(rows: Iterable<Row<S> | Values<S>>, options: BatchOptions = {}): Promise<Row<S>[]> {
    const { meta, database } = this
    const instances = [...rows].map(
      (row) => (rowState(row) === null ? meta.ready().create(row) : row) as Row<S>,
    )
    const states = instances.flatMap((row) => rowState(row) ?? [])
    await insertBatches(database, meta, states, options)
    return instances
  }

  /** Changes every row in one statement; gives how many. */
  async update(changes: Changes<S>): Promise<number> {
    this.refuseCombined('update')
    this.refuseSlice('update a query')
    const bound = bindChanges(this.names, changes)
    if (bound.size === 0 || this.state.empty) return 0
    return updateRows(this.database, { ...this.state, related: new Map(), order: [] }, bound)
  }

  /**
   * Saves these fields of many rows, one statement each, in one transaction; gives how many were there. Signals are not
   * sent, as in Django.
   */
  async bulkUpdate(rows: Iterable<Row<S>>, fields: readonly string[]): Promise<number> {
    const columns = fields.map((name) => this.meta.requireColumn(name))
    if (columns.length === 0) throw new ValueError('Field names must be given to bulkUpdate().')
    if (columns.includes(this.meta.pk))
      throw new ValueError('bulkUpdate() cannot be used with primary key fields.')
    const states = [...rows].flatMap((row) => rowState(row) ?? [])
    if (states.some((state) => (state.read(this.meta.pk) ?? null) === null))
      throw new ValueError('All bulkUpdate() objects must have a primary key set.')
    return this.database.atomic(async () => {
      let count = 0
      for (const state of states) {
        const changes = columns.map((column) => [column.attname, state.read(column)] as const)
        const one = this.filter(Q({ pk: state.read(this.meta.pk) }))
        count += await one.update(Object.fromEntries(changes) as Changes<S>)
      }
      return count
    })
  }

  /** Deletes every row and what hangs on them. @throws ProtectedError */
  async delete(): Promise<DeletionResult> {
    this.refuseCombined('delete')
    if (isSliced(this.state)) throw new TypeError("Cannot use 'limit' or 'offset' with delete.")
    if (this.state.values !== null)
      throw new TypeError('Cannot call delete() after .values() or .valuesList()')
    return deleteSelected(this.database, { ...this.state, related: new Map(), prefetch: [], order: [] })
  }

  /** All rows of the model again, on the same database. */
  protected unfiltered(): Chain<S, R> {
    return this.derive({ ...emptyState(this.meta), using: this.state.using })
  }
}

markChanging(QuerySet.prototype, [
  'create',
  'getOrCreate',
  'updateOrCreate',
  'bulkCreate',
  'bulkUpdate',
  'update',
  'delete',
])

async function orNull<T>(promise: Promise<T>, expected: (error: unknown) => boolean): Promise<T | null> {
  try {
    return await promise
  } catch (error) {
    if (expected(error)) return null
    throw error
  }
}

/** What of the keywords can be a new row's values: those without a lookup. */
function plainValues(where: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(where).flatMap(([key, value]) => {
      if (key.endsWith('__exact')) return [[key.slice(0, -'__exact'.length), value]]
      return key.includes('__') ? [] : [[key, value]]
    }),
  )
}

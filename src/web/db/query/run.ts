import type { Statement } from '../backend.ts'
import type { Database } from '../database.ts'
import { TransactionManagementError } from '../errors.ts'
import type { SqlValue } from '../fields/field.ts'
import { kinds } from '../fields/kinds.ts'
import type { BoundAggregate, BoundExpression } from './bound.ts'
import { buildSelect, countCombined } from './combined-select.ts'
import { Description } from './describe.ts'
import type { RowReader } from './hydrate.ts'
import { makeReader } from './hydrate.ts'
import type { Purpose } from './select.ts'
import { SelectBuilder } from './select.ts'
import type { Compiled } from './sql.ts'
import { compile, parametersOf } from './sql.ts'
import type { QueryState } from './state.ts'
import { isSliced } from './state.ts'
import type { Environment } from './where-builder.ts'

/** Runs queries: the key of a description finds the compiled SQL, or the builders make it. */

interface Plan extends Compiled {
  readonly statement: Statement
  readonly reader: RowReader
}

function environment(database: Database, places: ReadonlyMap<object, number>): Environment {
  const env: Environment = {
    vendor: database.vendor,
    places,
    subquery: (state, depth, outer) => buildSelect(env, state, 'subquery', depth, outer).node,
  }
  return env
}

/** The plan of what is described, built where no query of its shape came before. */
export function planned<P extends Compiled>(
  database: Database,
  describe: (description: Description) => void,
  build: (env: Environment) => P,
): { plan: P; values: readonly SqlValue[] } {
  const description = new Description(database.vendor)
  describe(description)
  const known = database.plans.get(description.key)
  // The key begins with what the plan is for, so a plan found under it has that purpose's type.
  if (known !== undefined) return { plan: known as P, values: description.values }
  const plan = build(environment(database, description.places))
  database.plans.set(description.key, plan)
  return { plan, values: description.values }
}

function select(
  database: Database,
  state: QueryState,
  purpose: Purpose,
): { plan: Plan; parameters: readonly SqlValue[] } {
  const { plan, values } = planned<Plan>(
    database,
    (description) => {
      description.key = purpose
      description.select(state)
    },
    (env) => {
      const { node, layout } = buildSelect(env, state, purpose)
      const compiled = compile(database.backend.compiler, node)
      const reader = makeReader(layout, database)
      return { ...compiled, reader, statement: reading(compiled.sql, reader.exactIntegers) }
    },
  )
  return { plan, parameters: parametersOf(plan, values) }
}

const reading = (sql: string, exactIntegers = false): Statement => ({
  sql,
  write: false,
  returns: true,
  exactIntegers,
})

/** Every row, as what the state asks for. */
export async function fetchRows(database: Database, state: QueryState): Promise<unknown[]> {
  if (state.empty) return []
  checkLock(database, state)
  const { plan, parameters } = select(database, state, 'rows')
  const { rows } = await database.query(plan.statement, parameters)
  return readAll(rows, plan.reader, state, database)
}

/** As `fetchRows`, a part at a time. */
export async function* fetchChunks(
  database: Database,
  state: QueryState,
  chunkSize: number,
): AsyncGenerator<unknown[], void, undefined> {
  if (state.empty) return
  checkLock(database, state)
  const { plan, parameters } = select(database, state, 'rows')
  for await (const rows of database.stream(plan.statement, parameters, chunkSize)) {
    yield readAll(rows, plan.reader, state, database)
  }
}

/** The SQL of the rows, with what stands before it, and its parameters. */
export function rowsStatement(
  database: Database,
  state: QueryState,
  before: string,
): { statement: Statement; parameters: readonly SqlValue[] } {
  const { plan, parameters } = select(database, state, 'rows')
  return { statement: reading(`${before} ${plan.sql}`), parameters }
}

function checkLock(database: Database, state: QueryState): void {
  if (state.lock === null || database.vendor === 'sqlite' || database.inAtomic) return
  throw new TransactionManagementError('selectForUpdate cannot be used outside of a transaction.')
}

function readAll(
  rows: readonly (readonly SqlValue[])[],
  reader: RowReader,
  state: QueryState,
  database: Database,
): unknown[] {
  switch (state.values?.as) {
    case undefined:
      return rows.map((row) => reader.instance(row, database))
    case 'object':
      return rows.map((row) => reader.object(row))
    case 'array':
      return rows.map((row) => reader.array(row))
    case 'flat':
      return rows.map((row) => reader.flat(row))
  }
}

export async function fetchExists(database: Database, state: QueryState): Promise<boolean> {
  if (state.empty) return false
  const { plan, parameters } = select(
    database,
    { ...state, order: isSliced(state) ? state.order : [] },
    'exists',
  )
  const { rows } = await database.query(plan.statement, parameters)
  return rows.length > 0
}

const COUNT: BoundAggregate = {
  type: 'aggregate',
  func: 'count',
  arg: null,
  distinct: false,
  filter: null,
  output: { kind: kinds.int, options: {} },
}

export async function fetchCount(database: Database, state: QueryState): Promise<number> {
  if (state.combined !== null) return fetchCombinedCount(database, state)
  const { total } = await fetchAggregates(database, state, new Map([['total', COUNT]]))
  return Number(total)
}

async function fetchCombinedCount(database: Database, state: QueryState): Promise<number> {
  if (state.empty) return 0
  const bare: QueryState = isSliced(state) ? state : { ...state, order: [] }
  const { plan, values } = planned<Omit<Plan, 'reader'>>(
    database,
    (description) => {
      description.key = 'count'
      description.select(bare)
    },
    (env) => {
      const compiled = compile(database.backend.compiler, countCombined(env, bare).node)
      return { ...compiled, statement: reading(compiled.sql) }
    },
  )
  const { rows } = await database.query(plan.statement, parametersOf(plan, values))
  return Number(rows[0]?.[0])
}

/** What an aggregate gives where there are no rows. What is computed of one is the database's to say. */
const overNothing = (one: BoundExpression): 0 | null =>
  one.type === 'aggregate' && one.func === 'count' ? 0 : null

const isComputed = (one: BoundExpression): boolean => one.type !== 'aggregate'

/** One row of aggregates over everything that the state finds. */
export async function fetchAggregates(
  database: Database,
  state: QueryState,
  aggregates: ReadonlyMap<string, BoundExpression>,
): Promise<Record<string, unknown>> {
  if (state.empty && ![...aggregates.values()].some(isComputed))
    return Object.fromEntries([...aggregates].map(([name, one]) => [name, overNothing(one)]))
  const bare: QueryState = { ...state, related: new Map(), order: isSliced(state) ? state.order : [] }
  const { plan, values } = planned<Plan>(
    database,
    (description) => {
      description.key = 'aggregate'
      description.select(bare)
      for (const [name, aggregate] of aggregates) {
        description.key += `,${name}=`
        description.expression(aggregate)
      }
    },
    (env) => {
      const { node, layout } = new SelectBuilder(env, bare).aggregates(aggregates)
      const compiled = compile(database.backend.compiler, node)
      const reader = makeReader(layout, database)
      return { ...compiled, reader, statement: reading(compiled.sql, reader.exactIntegers) }
    },
  )
  const { rows } = await database.query(plan.statement, parametersOf(plan, values))
  const [row = []] = rows
  return plan.reader.object(row)
}

import {
  ColumnNode,
  ColumnUpdateNode,
  DeleteQueryNode,
  InsertQueryNode,
  OnConflictNode,
  QueryNode,
  ReferenceNode,
  ReturningNode,
  SelectionNode,
  TableNode,
  UpdateQueryNode,
  ValueListNode,
  ValuesNode,
} from 'kysely'
import type { OperationNode } from 'kysely'
import type { Statement } from '../backend.ts'
import type { Database } from '../database.ts'
import { FieldError } from '../errors.ts'
import type { SqlValue } from '../fields/field.ts'
import type { Column, ModelMeta } from '../model-meta.ts'
import type { BoundExpression } from './bound.ts'
import { pathsOf } from './bound.ts'
import { decoderOf, isExact } from './decode.ts'
import { encode } from './describe.ts'
import { aliased, reference } from './joins.ts'
import { planned } from './run.ts'
import type { Compiled } from './sql.ts'
import { compile, parametersOf, slot, template } from './sql.ts'
import { SelectBuilder } from './select.ts'
import type { QueryState } from './state.ts'
import { isSliced } from './state.ts'
import type { Environment } from './where-builder.ts'

interface WritePlan extends Compiled {
  readonly statement: Statement
}

function plan(
  database: Database,
  node: InsertQueryNode | UpdateQueryNode | DeleteQueryNode,
  returns = false,
  exact = false,
): WritePlan {
  const compiled = compile(database.backend.compiler, node)
  return { ...compiled, statement: { sql: compiled.sql, write: true, returns, exactIntegers: exact } }
}

/** Prepared values, one list for each row, in the order of `columns`. */
export interface Insertion {
  readonly meta: ModelMeta
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly unknown[])[]
  readonly ignoreConflicts?: boolean
}

/** The primary keys of the rows inserted. With `ignoreConflicts` there may be fewer than rows. */
export async function insertRows(database: Database, insertion: Insertion): Promise<unknown[]> {
  const { meta, columns, rows } = insertion
  const exact = isExact(meta.pk, database.vendor)
  const { plan: insert } = planned<WritePlan>(
    database,
    (description) => {
      const names = columns.map((column) => column.index).join(',')
      description.key = `insert ${meta.id} ${names} ${rows.length}${insertion.ignoreConflicts === true ? ' ignore' : ''}`
    },
    () => plan(database, insertNode(insertion), true, exact),
  )
  const values: SqlValue[] = []
  for (const row of rows) {
    for (const [i, column] of columns.entries()) values.push(encode(database.vendor, column, row[i] ?? null))
  }
  const result = await database.query(insert.statement, values)
  const decode = decoderOf(meta.pk, database.vendor, exact)
  return result.rows.map(([raw = null]) => (raw === null || decode === null ? raw : decode(raw)))
}

function insertNode({ meta, columns, rows, ignoreConflicts }: Insertion): InsertQueryNode {
  let next = 0
  const lists = rows.map(() => ValueListNode.create(columns.map(() => slot(next++))))
  const onConflict = OnConflictNode.cloneWith(OnConflictNode.create(), { doNothing: true })
  return InsertQueryNode.cloneWith(InsertQueryNode.create(TableNode.create(meta.table)), {
    ...(columns.length === 0
      ? { defaultValues: true }
      : {
          columns: columns.map((column) => ColumnNode.create(column.column)),
          values: ValuesNode.create(lists),
        }),
    ...(ignoreConflicts === true ? { onConflict } : {}),
    returning: ReturningNode.create([SelectionNode.create(plainReference(meta.pk))]),
  })
}

const plainReference = (column: Column): ReferenceNode =>
  ReferenceNode.create(ColumnNode.create(column.column))

/** `UPDATE ... WHERE pk = ?`, the way of `save`. Gives the number of rows, 0 or 1. */
export async function updateByPk(
  database: Database,
  meta: ModelMeta,
  changes: readonly (readonly [column: Column, prepared: unknown])[],
  pk: unknown,
): Promise<number> {
  const { plan: update } = planned<WritePlan>(
    database,
    (description) => {
      description.key = `save ${meta.id} ${changes.map(([column]) => column.index).join(',')}`
    },
    () => {
      const updates = changes.map(([column], i) =>
        ColumnUpdateNode.create(ColumnNode.create(column.column), slot(i)),
      )
      const node = UpdateQueryNode.cloneWithUpdates(
        UpdateQueryNode.create([TableNode.create(meta.table)]),
        updates,
      )
      const where = template('$ = ?', plainReference(meta.pk), [slot(changes.length)])
      return plan(database, QueryNode.cloneWithWhere(node, where))
    },
  )
  const values = changes.map(([column, value]) => encode(database.vendor, column, value))
  values.push(encode(database.vendor, meta.pk, pk))
  return (await database.query(update.statement, values)).changes
}

/** @throws FieldError for a value computed over a relation */
export async function updateRows(
  database: Database,
  state: QueryState,
  changes: ReadonlyMap<Column, BoundExpression>,
): Promise<number> {
  for (const expression of changes.values()) {
    for (const path of pathsOf(expression)) {
      if (path.steps.length > 0)
        throw new FieldError('Joined field references are not permitted in this query')
    }
  }
  const { plan: update, values } = planned<WritePlan>(
    database,
    (description) => {
      description.key = 'update'
      description.select(state)
      for (const [column, expression] of changes) {
        description.key += `,${column.index}=`
        description.expression(expression)
      }
    },
    (env) => {
      const builder = new SelectBuilder(env, state)
      const updates = [...changes].map(([column, expression]) =>
        ColumnUpdateNode.create(ColumnNode.create(column.column), builder.expression(expression)),
      )
      const table = aliased(state.meta.table, builder.root)
      const node = UpdateQueryNode.cloneWithUpdates(UpdateQueryNode.create([table]), updates)
      const where = condition(env, state, builder)
      return plan(database, where === null ? node : QueryNode.cloneWithWhere(node, where))
    },
  )
  return (await database.query(update.statement, parametersOf(update, values))).changes
}

export async function deleteRows(database: Database, state: QueryState): Promise<number> {
  const { plan: remove, values } = planned<WritePlan>(
    database,
    (description) => {
      description.key = 'delete'
      description.select(state)
    },
    (env) => {
      const builder = new SelectBuilder(env, state)
      const node = DeleteQueryNode.create([aliased(state.meta.table, builder.root)])
      const where = condition(env, state, builder)
      return plan(database, where === null ? node : QueryNode.cloneWithWhere(node, where))
    },
  )
  return (await database.query(remove.statement, parametersOf(remove, values))).changes
}

/** The conditions as they are, or by way of the keys where a join, a cut or a group is in them. */
function condition(env: Environment, state: QueryState, builder: SelectBuilder): OperationNode | null {
  if (
    !builder.isJoined &&
    !builder.grouped &&
    !isSliced(state) &&
    !state.distinct &&
    state.distinctOn.length === 0
  )
    return builder.where
  const { node } = new SelectBuilder(env, { ...state, values: null, related: new Map() }, 1).build('pk')
  return template('$ IN ?', reference(builder.root, state.meta.pk), [node])
}

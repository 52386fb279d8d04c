import { ValueError } from '../errors.ts'
import { assertKeywords } from '../keywords.ts'
import type { Column } from '../model-meta.ts'
import { rowState } from '../row-state.ts'
import type { Names } from './bind.ts'
import { bindExpression, prepareColumn } from './bind.ts'
import type { BoundExpression } from './bound.ts'
import { Expression } from './expressions.ts'

/** What `update` writes into each column. @throws FieldError for a name that is no column, ValueError */
export function bindChanges(names: Names, changes: object): Map<Column, BoundExpression> {
  assertKeywords(changes)
  return new Map(
    Object.entries(changes).map(([name, value]: [string, unknown]) => {
      const column = names.meta.requireColumn(name)
      if (value === undefined) throw new ValueError(`Cannot use undefined as a value: ${name}`)
      return [column, value instanceof Expression ? computed(names, column, value) : literal(column, value)]
    }),
  )
}

/** A bare value is written as the column keeps it, not as its own type says. */
function computed(names: Names, column: Column, value: Expression): BoundExpression {
  const expression = bindExpression(names, value)
  return expression.type === 'literal' ? literal(column, expression.prepared) : expression
}

/** A row stands for its key. */
function literal(column: Column, value: unknown): BoundExpression {
  const state = rowState(value)
  const plain = state === null ? value : state.read(state.meta.pk)
  return { type: 'literal', prepared: prepareColumn(column, plain), output: column }
}

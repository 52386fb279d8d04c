import { FieldError } from '../errors.ts'
import type { ModelMeta } from '../model-meta.ts'
import type { Names } from './bind.ts'
import { bindExpression } from './bind.ts'
import { Expression, OrderBy } from './expressions.ts'
import { requirePath } from './path.ts'
import type { OrderTerm } from './state.ts'

export type OrderArgument = string | Expression | OrderBy

/** How deep an ordering through relations may lead to another model's ordering before it must be a circle. */
const DEPTH_LIMIT = 10

/** @throws FieldError for a name that the model and the annotations have not */
export function bindOrder(names: Names, args: readonly OrderArgument[]): OrderTerm[] {
  return args.flatMap((arg) => bindTerm(names, arg))
}

function bindTerm(names: Names, arg: OrderArgument): OrderTerm[] {
  if (arg instanceof OrderBy) {
    const expression = bindExpression(names, arg.expression)
    return [{ type: 'expression', expression, descending: arg.descending, nulls: arg.nulls }]
  }
  if (arg instanceof Expression) {
    return [
      { type: 'expression', expression: bindExpression(names, arg), descending: false, nulls: undefined },
    ]
  }
  if (typeof arg !== 'string') throw new FieldError('orderBy takes names and expressions.')
  if (arg === '?') return [{ type: 'random' }]
  const descending = arg.startsWith('-')
  return bindName(names, descending ? arg.slice(1) : arg, descending, 0)
}

function bindName(names: Names, name: string, descending: boolean, depth: number): OrderTerm[] {
  const of = names.annotations.get(name)
  if (of !== undefined) {
    const expression = { type: 'annotation', name, of, output: of.output } as const
    return [{ type: 'expression', expression, descending, nulls: undefined }]
  }
  const path = requirePath(names.meta, name, names.annotations.keys())
  const target = path.endsIn?.target
  // A relation is ordered as its model is; by its key when the model says nothing.
  if (target !== undefined && target.ordering.length > 0 && name.split('__').at(-1) !== 'pk') {
    if (depth > DEPTH_LIMIT) throw new FieldError('Infinite loop caused by ordering.')
    return target.ordering.flatMap((term) => {
      const down = term.startsWith('-')
      return bindName(names, `${name}__${down ? term.slice(1) : term}`, down !== descending, depth + 1)
    })
  }
  return [
    {
      type: 'expression',
      expression: { type: 'path', path, output: path.column },
      descending,
      nulls: undefined,
    },
  ]
}

const defaults = new WeakMap<ModelMeta, OrderTerm[]>()

export function defaultOrder(meta: ModelMeta): OrderTerm[] {
  let order = defaults.get(meta)
  if (order === undefined) {
    order = bindOrder({ meta, annotations: new Map() }, meta.ordering)
    defaults.set(meta, order)
  }
  return order
}

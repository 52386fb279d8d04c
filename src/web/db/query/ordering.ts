import { FieldError } from '../errors.ts'
import type { ModelMeta } from '../model-meta.ts'
import type { Names } from './bind.ts'
import { Binding } from './bind.ts'
import { Expression, OrderBy } from './expressions.ts'
import { orderable } from './json.ts'
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
    const expression = orderable(new Binding(names).expression(arg.expression))
    return [{ type: 'expression', expression, descending: arg.descending, nulls: arg.nulls }]
  }
  if (arg instanceof Expression) {
    const expression = orderable(new Binding(names).expression(arg))
    return [{ type: 'expression', expression, descending: false, nulls: undefined }]
  }
  if (typeof arg !== 'string') throw new FieldError('orderBy takes names and expressions.')
  if (arg === '?') return [{ type: 'random' }]
  const descending = arg.startsWith('-')
  return bindName(names, descending ? arg.slice(1) : arg, descending, 0)
}

function bindName(names: Names, name: string, descending: boolean, depth: number): OrderTerm[] {
  const expression = new Binding(names).reference(name)
  const target = expression.type === 'path' ? expression.path.endsIn?.target : undefined
  // A relation is ordered as its model is; by its key when the model says nothing.
  if (target !== undefined && target.ordering.length > 0 && name.split('__').at(-1) !== 'pk') {
    if (depth > DEPTH_LIMIT) throw new FieldError('Infinite loop caused by ordering.')
    return target.ordering.flatMap((term) => {
      const down = term.startsWith('-')
      return bindName(names, `${name}__${down ? term.slice(1) : term}`, down !== descending, depth + 1)
    })
  }
  return [{ type: 'expression', expression: orderable(expression), descending, nulls: undefined }]
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

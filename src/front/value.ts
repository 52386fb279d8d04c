/** A directive's argument that may hold variables, compiled: one call gives the text for this request. */
import { parseComplexValue, type ComplexValue } from '../config/complex-value.ts'
import type { Request } from './request.ts'
import type { VariableTable } from './variable-table.ts'

export interface Value {
  /** Set when no variable occurs: the text is the same for every request. */
  readonly constant: string | undefined
  readonly evaluate: (request: Request) => string
}

function constantValue(text: string): Value {
  return { constant: text, evaluate: () => text }
}

/**
 * Compiles a value. An absent variable is the empty string.
 *
 * @throws Error with nginx's wording (`unknown "x" variable`).
 */
export function compileValue(value: ComplexValue | string, variables: VariableTable): Value {
  const { constant, parts } = typeof value === 'string' ? parseComplexValue(value) : value
  if (constant !== undefined) return constantValue(constant)
  const pieces = parts.map((part): ((request: Request) => string) => {
    switch (part.kind) {
      case 'literal':
        return () => part.text
      case 'capture':
        return (request) => request.capture(part.group)
      case 'variable': {
        const getter = variables.getter(part.name)
        return (request) => getter(request) ?? ''
      }
    }
  })
  const [first, second] = pieces
  if (first && !second) return { constant: undefined, evaluate: first }
  return {
    constant: undefined,
    evaluate: (request) => {
      let text = ''
      for (const piece of pieces) text += piece(request)
      return text
    },
  }
}

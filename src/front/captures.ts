/** Patterns of the conf at work on a request: groups become `$1`, `$2`, ... and `$name`. */
import type { Pcre, PcreMatch } from '../config/pcre.ts'
import type { Request } from './request.ts'
import type { VariableSetter, VariableTable } from './variable-table.ts'

/** Assigns the named groups of a match. */
export type AssignNames = (request: Request, match: PcreMatch) => void

/** Undefined when the pattern names none. Call before values are compiled: the names become known by it. */
export function namedGroups(regex: Pcre, variables: VariableTable): AssignNames | undefined {
  if (regex.names.size === 0) return undefined
  const setters: (readonly [VariableSetter, number])[] = []
  for (const [name, group] of regex.names) {
    const lower = name.toLowerCase()
    if (variables.isBuiltin(lower)) throw new Error(`the duplicate "${lower}" variable`)
    setters.push([variables.setter(lower), group])
  }
  return (request, match) => {
    for (const [set, group] of setters) set(request, match[group] ?? '')
  }
}

/** A pattern that leaves its groups in the request when it matches. */
export class CapturingPattern {
  readonly #regex: Pcre
  readonly #assign: AssignNames | undefined

  constructor(regex: Pcre, variables: VariableTable) {
    this.#regex = regex
    this.#assign = namedGroups(regex, variables)
  }

  match(request: Request, subject: string): boolean {
    const match = this.#regex.exec(subject)
    if (!match) return false
    request.captures = match
    this.#assign?.(request, match)
    return true
  }
}

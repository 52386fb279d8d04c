/** What the commands of a page set, shared by everything that goes into the page. */
import { LruCache } from '../../../util/lru-cache.ts'
import { ConfigError } from '../../../config/config-error.ts'
import { Pcre } from '../../../config/pcre.ts'
import type { Request } from '../../request.ts'
import type { VariableGetter, VariableTable } from '../../variable-table.ts'

/** The message is for the log; the page shows its error text. */
export class SsiError extends Error {}

/** Blocks and patterns of pages kept compiled, and names looked up: pages may come from anywhere. */
const KEPT = 1000

export interface SsiBlock {
  readonly name: string
  readonly pieces: Buffer[]
}

/** Gives what a name of the server's variables stands for; undefined for no such variable. */
export class RuntimeVariables {
  readonly #table: VariableTable
  readonly #getters = new LruCache<string, VariableGetter>(KEPT, () => 1)

  constructor(table: VariableTable) {
    this.#table = table
  }

  value(request: Request, name: string): string | undefined {
    const lower = name.toLowerCase()
    let getter = this.#getters.get(lower)
    if (!getter) {
      try {
        getter = this.#table.getter(lower)
      } catch {
        getter = () => undefined
      }
      this.#getters.set(lower, getter)
    }
    return getter(request)
  }
}

const patterns = new LruCache<string, Pcre>(KEPT, () => 1)

/** @throws SsiError */
function compilePattern(pattern: string): Pcre {
  const known = patterns.get(pattern)
  if (known) return known
  try {
    const compiled = new Pcre(pattern)
    patterns.set(pattern, compiled)
    return compiled
  } catch (error) {
    if (error instanceof ConfigError) throw new SsiError(error.message)
    throw error
  }
}

export class PageVariables {
  readonly blocks: SsiBlock[] = []
  readonly #values = new Map<string, string>()
  readonly #server: RuntimeVariables
  #captures: readonly (string | undefined)[] = []

  constructor(server: RuntimeVariables) {
    this.#server = server
  }

  set(name: string, value: string): void {
    this.#values.set(name.toLowerCase(), value)
  }

  /** What the page itself set. */
  ownValue(name: string): string | undefined {
    return this.#values.get(name.toLowerCase())
  }

  /** Of the page, else of the server. */
  get(request: Request, name: string): string | undefined {
    if (/^[0-9]$/.test(name) && Number(name) < this.#captures.length)
      return this.#captures[Number(name)] ?? ''
    return this.#values.get(name.toLowerCase()) ?? this.#server.value(request, name)
  }

  /** Its groups are `$1` and on, its named ones variables of the page. */
  match(pattern: string, subject: string): boolean {
    const regex = compilePattern(pattern)
    const match = regex.exec(subject)
    if (!match) return false
    this.#captures = match
    for (const [name, group] of regex.names) this.set(name, match[group] ?? '')
    return true
  }

  /**
   * Text with variables, unescaped.
   *
   * @throws SsiError
   */
  evaluate(request: Request, text: string): string {
    let result = ''
    for (let at = 0; at < text.length;) {
      if (text[at] === '$') {
        const variable = readVariable(text, at + 1)
        result += this.get(request, variable.name) ?? ''
        at = variable.end
      } else {
        const end = literalEnd(text, at)
        result += unescape(text.slice(at, end))
        at = end
      }
    }
    return result
  }
}

/** Where text that is no variable ends: at a `$` that is not escaped. */
function literalEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '$') return at
  }
  return text.length
}

/** A backslash before anything but a backslash, a quote or `$` stays. */
function unescape(text: string): string {
  return text.includes('\\')
    ? text.replace(/\\([^]?)/g, (_all, char: string) => ('\\\'"$'.includes(char) ? char : `\\${char}`))
    : text
}

function readVariable(text: string, start: number): { readonly name: string; readonly end: number } {
  const bracket = text[start] === '{'
  const from = bracket ? start + 1 : start
  const name = /[A-Za-z0-9_]*/y
  name.lastIndex = from
  const found = name.exec(text)?.[0] ?? ''
  const end = from + found.length
  if (from >= text.length) throw new SsiError(`invalid variable name in "${text}"`)
  if (bracket && text[end] !== '}')
    throw new SsiError(`the closing bracket in "${found}" variable is missing`)
  if (found === '') throw new SsiError(`invalid variable name in "${text}"`)
  return { name: found, end: bracket ? end + 1 : end }
}

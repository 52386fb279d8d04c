/**
 * Patterns of PCRE2, as nginx compiles them (no PCRE2_UTF: a character is a byte), as RegExps of the same meaning.
 *
 * What has no RegExp of exactly the same meaning is refused with a reason, never approximated: `location ~` and
 * `server_name ~` decide who may see what. Subjects are Latin-1 strings, one code unit per byte.
 */
import { ConfigError } from './config-error.ts'
import { emitPattern } from './pcre/emit.ts'
import { PatternFault } from './pcre/node.ts'
import { NO_OPTIONS } from './pcre/options.ts'
import { parsePattern } from './pcre/parse.ts'

/** The text of each group by its number in the pattern, from the whole match at 0. */
export type PcreMatch = readonly (string | undefined)[]

export class Pcre {
  readonly pattern: string
  /** Its groups are numbered otherwise where the pattern has atomic or possessive parts: see `exec`. */
  readonly regexp: RegExp
  /** Number of capturing groups. */
  readonly groups: number
  /** Numbers of named groups, in the order of the pattern. */
  readonly names: ReadonlyMap<string, number>
  readonly #numbers: readonly number[] | undefined

  /** @throws ConfigError without a place, in nginx's words where PCRE2 refuses the pattern too. */
  constructor(pattern: string, options: { readonly caseless?: boolean } = {}) {
    this.pattern = pattern
    try {
      if (/[^\0-\xff]/.test(pattern)) throw new PatternFault('unsupported', 'it is not Latin-1', 0)
      const parsed = parsePattern(pattern, { ...NO_OPTIONS, caseless: options.caseless ?? false })
      const { source, numbers } = emitPattern(parsed)
      this.regexp = compile(source)
      this.groups = parsed.groups
      this.names = parsed.names
      this.#numbers = numbers
    } catch (fault) {
      if (fault instanceof PatternFault) throw new ConfigError(explain(fault, pattern))
      throw fault
    }
  }

  test(subject: string): boolean {
    return this.regexp.test(subject)
  }

  exec(subject: string): PcreMatch | null {
    const match = this.regexp.exec(subject)
    return match && this.#numbers ? this.#numbers.map((number) => match[number]) : match
  }
}

function compile(source: string): RegExp {
  try {
    return new RegExp(source)
  } catch (error) {
    throw new PatternFault('unsupported', String(error), 0)
  }
}

function explain(fault: PatternFault, pattern: string): string {
  const rest = pattern.slice(fault.offset)
  const at = rest === '' ? '' : ` at "${rest}"`
  if (fault.kind === 'syntax') return `pcre2_compile() failed: ${fault.message} in "${pattern}"${at}`
  return `regular expression "${pattern}" is not supported by this server: ${fault.message}${at}`
}

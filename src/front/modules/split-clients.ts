/** `split_clients`: a variable that takes one of several values for fixed shares of clients (A/B tests). */
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { ListDirective, ParseContext } from '../../config/directive.ts'
import { murmurHash2 } from '../../util/murmur-hash.ts'
import type { FrontModule } from '../front-module.ts'
import type { VariableGetter } from '../variable-table.ts'

interface Part {
  /** Hashes below it get the value. */
  readonly below: number
  readonly value: string
}

interface SplitRow {
  readonly source: ComplexValue
  readonly name: string
  readonly parts: readonly Part[]
}

const splitClients: ListDirective<SplitRow> = {
  kind: 'list',
  name: 'split_clients',
  contexts: ['http'],
  args: 2,
  entries: true,
  syntax: 'string $variable { ... }',
  doc: 'Gives the variable one of several values by a hash of the string, each for its percentage of hashes.',
  parse: ([source, variable], at) => {
    const written = variable?.text ?? ''
    if (!written.startsWith('$') || written === '$') at.fail(`invalid variable name "${written}"`)
    return {
      source: parseComplexValue(source?.text ?? ''),
      name: written.slice(1).toLowerCase(),
      parts: readParts(at),
    }
  },
}

function readParts(at: ParseContext): Part[] {
  const parts: Part[] = []
  /** Hundredths of a percent. */
  let total = 0
  let last = 0
  for (const entry of at.statement.block ?? []) {
    const value = entry.args[0]?.text
    if (value === undefined || entry.args.length !== 1) {
      return at.fail('invalid number of the split_clients parameters', entry)
    }
    if (entry.name === '*') {
      total = 10_000 // what is left: nothing may follow
      parts.push({ below: Infinity, value })
      continue
    }
    const match = /^([0-9]+)(?:\.([0-9]{1,2}))?%$/.exec(entry.name)
    const share = match ? Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0')) : 0
    if (share === 0) at.fail(`invalid percent value "${entry.name}"`, entry)
    total += share
    last += Math.floor((share * 0xffff_ffff) / 10_000)
    parts.push({ below: last, value })
  }
  // found when the block is whole: a fault that cut it is named instead
  const { statement } = at
  if (total > 10_000 && statement.endLine !== undefined)
    at.fail('percent total is greater than 100%', { ...statement, line: statement.endLine })
  return parts
}

export const splitClientsModule: FrontModule = {
  name: 'split_clients',
  directives: [splitClients],
  declare: (http, context) => {
    const rows = http.findList(splitClients).map((bound) => {
      const { name, source, parts } = bound.value as SplitRow
      let get: VariableGetter | undefined
      try {
        context.variables.defineKept(name, (request) => get?.(request))
      } catch (error) {
        context.fail(error instanceof Error ? error.message : String(error), bound.statement)
      }
      return () => {
        const value = context.value(source, bound.statement)
        get = (request) => {
          const hash = murmurHash2(Buffer.from(value.evaluate(request), 'latin1'))
          return parts.find((part) => hash < part.below)?.value ?? ''
        }
      }
    })
    return () => rows.forEach((compile) => compile())
  },
}

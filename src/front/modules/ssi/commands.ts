/** The commands of SSI and their parameters. A table, and what checks a command against it. */
import type { SsiParam } from './command-reader.ts'
import { SsiError } from './page-variables.ts'

/** Most parameters of one command (nginx). */
const MAX_PARAMS = 16

export type SsiCommandName =
  | 'include' | 'echo' | 'config' | 'set' | 'if' | 'elif' | 'else' | 'endif' | 'block' | 'endblock' // prettier-ignore

export interface SsiCommand {
  readonly name: SsiCommandName
  readonly params: readonly string[]
  readonly mandatory: readonly string[]
  /** Which part of an `if` it may stand in: 1 before `else`, 2 anywhere in it; 0 is not of an `if`. */
  readonly conditional: 0 | 1 | 2
}

function command(
  name: SsiCommandName,
  params: readonly string[] = [],
  mandatory: readonly string[] = [],
  conditional: 0 | 1 | 2 = 0,
): readonly [string, SsiCommand] {
  return [name, { name, params, mandatory, conditional }]
}

export const COMMANDS: ReadonlyMap<string, SsiCommand> = new Map([
  command('include', ['virtual', 'file', 'wait', 'set', 'stub']),
  command('echo', ['var', 'default', 'encoding'], ['var']),
  command('config', ['errmsg', 'timefmt']),
  command('set', ['var', 'value'], ['var', 'value']),
  command('if', ['expr'], ['expr']),
  command('elif', ['expr'], ['expr'], 1),
  command('else', [], [], 1),
  command('endif', [], [], 2),
  command('block', ['name'], ['name']),
  command('endblock'),
])

/** @throws SsiError */
export function checkParams(
  { name, params: known, mandatory }: SsiCommand,
  given: readonly SsiParam[],
): ReadonlyMap<string, string> {
  if (given.length > MAX_PARAMS) throw new SsiError(`too many SSI command parameters: "${name}"`)
  const params = new Map<string, string>()
  for (const { name: key, value } of given) {
    if (!known.includes(key)) throw new SsiError(`invalid parameter name: "${key}" in "${name}" SSI command`)
    if (params.has(key)) throw new SsiError(`duplicate "${key}" parameter in "${name}" SSI command`)
    params.set(key, value)
  }
  const absent = mandatory.find((key) => !params.has(key))
  if (absent !== undefined)
    throw new SsiError(`mandatory "${absent}" parameter is absent in "${name}" SSI command`)
  return params
}

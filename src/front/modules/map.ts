/** `map`: a variable whose value depends on another's, looked up by text, host name or pattern (nginx map module). */
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { ListDirective, ParseContext } from '../../config/directive.ts'
import type { Statement } from '../../config/ast.ts'
import { Pcre } from '../../config/pcre.ts'
import { CapturingPattern } from '../captures.ts'
import type { CompileContext, FrontModule } from '../front-module.ts'
import { HostnameMap } from '../hostname-map.ts'
import type { VariableGetter } from '../variable-table.ts'

interface MapRow {
  readonly source: ComplexValue
  readonly name: string
  readonly texts: HostnameMap<ComplexValue>
  readonly patterns: readonly { readonly regex: Pcre; readonly value: ComplexValue }[]
  readonly otherwise: ComplexValue
  readonly hostnames: boolean
  readonly volatile: boolean
  readonly values: readonly ComplexValue[]
}

const map: ListDirective<MapRow> = {
  kind: 'list',
  name: 'map',
  contexts: ['http'],
  args: 2,
  entries: true,
  syntax: 'string $variable { ... }',
  doc: 'Gives the variable the value that stands beside the text, host name or ~pattern that the string matches.',
  parse: ([source, variable], at) => {
    const written = variable?.text ?? ''
    if (!written.startsWith('$') || written === '$') at.fail(`invalid variable name "${written}"`)
    return {
      source: parseComplexValue(source?.text ?? ''),
      name: written.slice(1).toLowerCase(),
      ...readEntries(at),
    }
  },
}

function readEntries(at: ParseContext): Omit<MapRow, 'source' | 'name'> {
  const texts = new HostnameMap<ComplexValue>()
  const patterns: { regex: Pcre; value: ComplexValue }[] = []
  const values: ComplexValue[] = []
  let otherwise: ComplexValue | undefined
  let hostnames = false
  let volatile = false
  for (const entry of at.statement.block ?? []) {
    if (entry.args.length === 0 && entry.name === 'hostnames') {
      hostnames = true
      continue
    }
    if (entry.args.length === 0 && entry.name === 'volatile') {
      volatile = true
      continue
    }
    if (entry.args.length !== 1) at.fail('invalid number of the map parameters', entry)
    const value = readValue(entry, at)
    values.push(value)
    if (entry.name === 'default') {
      if (otherwise) at.fail('duplicate default map parameter', entry)
      otherwise = value
    } else if (entry.name.startsWith('~')) patterns.push({ regex: readPattern(entry, at), value })
    else addText(texts, entry, value, hostnames, at)
  }
  return { texts, patterns, values, otherwise: otherwise ?? parseComplexValue(''), hostnames, volatile }
}

function readValue(entry: Statement, at: ParseContext): ComplexValue {
  try {
    return parseComplexValue(entry.args[0]?.text ?? '')
  } catch (error) {
    return at.fail(error instanceof Error ? error.message : String(error), entry)
  }
}

function readPattern(entry: Statement, at: ParseContext): Pcre {
  const caseless = entry.name.startsWith('~*')
  try {
    return new Pcre(entry.name.slice(caseless ? 2 : 1), { caseless })
  } catch (error) {
    return at.fail(error instanceof Error ? error.message : String(error), entry)
  }
}

function addText(
  texts: HostnameMap<ComplexValue>,
  entry: Statement,
  value: ComplexValue,
  hostnames: boolean,
  at: ParseContext,
): void {
  const key = entry.name.startsWith('\\') ? entry.name.slice(1) : entry.name
  const result = hostnames ? texts.add(key, value) : texts.addExact(key, value)
  if (result === 'invalid') at.fail(`invalid hostname or wildcard "${key}"`, entry)
  if (result === 'conflict') at.fail(`conflicting parameter "${key}"`, entry)
}

function compileMap(row: MapRow, context: CompileContext, at: Statement): VariableGetter {
  const source = context.value(row.source, at)
  const compiled = new Map(row.values.map((value) => [value, context.value(value, at)]))
  const otherwise = context.value(row.otherwise, at)
  const patterns = row.patterns.map(({ regex, value }) => ({
    pattern: new CapturingPattern(regex, context.variables),
    value: compiled.get(value) ?? otherwise,
  }))
  return (request) => {
    let text = source.evaluate(request)
    if (row.hostnames && text.endsWith('.')) text = text.slice(0, -1)
    const found = row.texts.find(text)
    if (found) return (compiled.get(found) ?? otherwise).evaluate(request)
    for (const { pattern, value } of patterns) {
      if (pattern.match(request, text)) return value.evaluate(request)
    }
    return otherwise.evaluate(request)
  }
}

export const mapModule: FrontModule = {
  name: 'map',
  directives: [map],
  declare: (http, context) => {
    const rows = http.findList(map).map((bound) => {
      const row = bound.value as MapRow
      let get: VariableGetter | undefined
      try {
        context.variables.defineKept(row.name, (request) => get?.(request), row.volatile)
        for (const { regex } of row.patterns) new CapturingPattern(regex, context.variables)
      } catch (error) {
        context.fail(error instanceof Error ? error.message : String(error), bound.statement)
      }
      return () => void (get = compileMap(row, context, bound.statement))
    })
    return () => rows.forEach((compile) => compile())
  },
}

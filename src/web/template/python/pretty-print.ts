import { isPlainObject, pythonRepr } from './string.ts'

const WIDTH = 80
const MAX_DEPTH = 50

/** Python's `pprint.pformat`: on one line where that fits in 80 columns, and the keys of mappings sorted. */
export function prettyPrint(value: unknown): string {
  return format(value, 0, 0, 0)
}

/** `indent` is the column that the value starts in, `allowance` what has to fit behind it. */
function format(value: unknown, indent: number, allowance: number, depth: number): string {
  const short = pythonRepr(sorted(value, depth))
  if (short.length <= WIDTH - indent - allowance || depth > MAX_DEPTH) return short
  if (Array.isArray(value)) return `[${list(value, indent + 1, allowance + 1, depth)}]`
  const entries = entriesOf(value)
  return entries ? `{${mapping(entries, indent + 1, allowance + 1, depth)}}` : short
}

function list(items: readonly unknown[], indent: number, allowance: number, depth: number): string {
  const last = items.length - 1
  return items
    .map((item, i) => format(item, indent, i === last ? allowance : 1, depth + 1))
    .join(`,\n${' '.repeat(indent)}`)
}

function mapping(
  entries: readonly [unknown, unknown][],
  indent: number,
  allowance: number,
  depth: number,
): string {
  const last = entries.length - 1
  return entries
    .map(([key, item], i) => {
      const name = `${pythonRepr(key)}: `
      return name + format(item, indent + name.length, i === last ? allowance : 1, depth + 1)
    })
    .join(`,\n${' '.repeat(indent)}`)
}

function entriesOf(value: unknown): [unknown, unknown][] | undefined {
  const entries: [unknown, unknown][] | undefined =
    value instanceof Map ? [...value] : isPlainObject(value) ? Object.entries(value) : undefined
  return entries?.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
}

/** The same value with the keys of its mappings in order. */
function sorted(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) return value
  if (Array.isArray(value)) return value.map((item) => sorted(item, depth + 1))
  const entries = entriesOf(value)
  return entries ? new Map(entries.map(([key, item]) => [key, sorted(item, depth + 1)])) : value
}

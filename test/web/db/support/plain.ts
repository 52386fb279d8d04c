import { ModelRow } from '../../../../src/web/db/row.ts'
import { rowState } from '../../../../src/web/db/row-state.ts'

export const snake = (name: string): string =>
  name.replace(/(?<=[a-z0-9])[A-Z]/g, (c) => `_${c.toLowerCase()}`)

/** A result as the peer prints it: rows by model and key, names in snake case, dates and decimals as text. */
export function plain(value: unknown): unknown {
  if (value instanceof ModelRow) return { model: rowState(value)?.meta.name, pk: value.pk }
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'bigint') {
    return value > 2n ** 53n || value < -(2n ** 53n) ? String(value) : Number(value)
  }
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [String(k), plain(v)]))
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [snake(k), plain(v)]))
  }
  return value
}

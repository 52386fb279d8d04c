import { ImproperlyConfigured } from '../../exceptions.ts'
import { Field } from '../fields/field.ts'
import { kinds } from '../fields/kinds.ts'
import type { Relation } from '../fields/relation.ts'
import { targetName } from './project-state.ts'

/**
 * Values and fields as TypeScript, for migration files. Two fields are the same for migrations when their texts are,
 * so what is written here is all that a migration can change.
 */

/** What the functions of `f` set by themselves. */
const GIVEN: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  slug: { max: 50, index: true },
  email: { max: 254 },
  foreignKey: { index: true },
  oneToOne: { unique: true },
}

export function fieldSource(entry: Field | (() => Relation)): string {
  if (entry instanceof Field) {
    const name = Object.entries(kinds).find(([, kind]) => kind === entry.kind)?.[0]
    if (name === undefined)
      throw new ImproperlyConfigured(`Migrations cannot write a field of the kind ${entry.kind.name}.`)
    return `f.${name}(${options(name, entry.options)})`
  }
  const relation = entry()
  const { type, options: given } = relation
  const rest = options(type, given)
  return `() => f.${type}(${textSource(targetName(relation))}${rest === '' ? '' : `, ${rest}`})`
}

/** Only what differs from what `f` gives; nothing at all when nothing does. */
function options(name: string, given: object): string {
  const known = GIVEN[name] ?? {}
  const all: Record<string, unknown> = { ...given }
  for (const [key, value] of Object.entries(known)) {
    if (all[key] === value) delete all[key]
    else if (all[key] === undefined && value === true) all[key] = false
  }
  for (const key of ['null', 'unique', 'index', 'primaryKey', 'autoNow', 'autoNowAdd']) {
    if (all[key] === false && known[key] !== true) delete all[key]
  }
  return Object.keys(all).length === 0 ? '' : valueSource(all)
}

/** @throws ImproperlyConfigured for what has no form in source */
export function valueSource(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return textSource(value)
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Date) return `new Date(${textSource(value.toISOString())})`
  if (value instanceof Uint8Array) return `Uint8Array.of(${value.join(', ')})`
  if (Array.isArray(value)) return `[${value.map(valueSource).join(', ')}]`
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined)
    if (entries.length === 0) return '{}'
    return `{ ${entries.map(([key, one]) => `${keySource(key)}: ${valueSource(one)}`).join(', ')} }`
  }
  throw new ImproperlyConfigured(`Migrations cannot write a ${typeof value} down.`)
}

export const keySource = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : textSource(key))

export const textSource = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`

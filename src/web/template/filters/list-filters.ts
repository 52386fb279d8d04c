import { attribute } from '../attribute.ts'
import type { Context } from '../context.ts'
import type { Library } from '../library.ts'
import { compare } from '../python/compare.ts'
import { toFloat, toInteger } from '../python/number.ts'
import { lengthOf, toList } from '../python/sequence.ts'
import { slice } from '../python/slice.ts'
import { isPlainObject, pythonString } from '../python/string.ts'
import { htmlOf, SafeString } from '../safe-string.ts'

const SAFE = { isSafe: true } as const
const SAFE_ALONE = { isSafe: true, argument: 'none' } as const
const ALONE = { argument: 'none' } as const

export function addListFilters(library: Library): void {
  library
    .registerFilter('dictsort', (value, key) => sorted(value, key, 1))
    .registerFilter('dictsortreversed', (value, key) => sorted(value, key, -1))
    .registerFilter('first', (value) => elementAt(items(value), 0), ALONE)
    .registerFilter('last', (value) => elementAt(items(value), -1), SAFE_ALONE)
    .registerFilter('length', (value) => lengthOf(value) ?? 0, ALONE)
    .registerFilter('length_is', lengthIs)
    .registerFilter('random', (value, _, context) => pick(value, context), SAFE_ALONE)
    .registerFilter('join', join, SAFE)
    .registerFilter('slice', sliced, SAFE)
    .registerFilter('unordered_list', (value, _, context) => unorderedList(value, context), SAFE_ALONE)
}

/** The elements of what can be indexed: lists and strings, not mappings and sets. */
function items(value: unknown): readonly unknown[] {
  if (Array.isArray(value) || typeof value === 'string' || value instanceof SafeString)
    return toList(value) ?? []
  return typeof value === 'object' && value !== null && 'length' in value ? (toList(value) ?? []) : []
}

/** Empty text where there is no such element; a None that is there is one. */
function elementAt(list: readonly unknown[], index: number): unknown {
  const item = list.at(index)
  return item === undefined ? '' : item
}

function lengthIs(value: unknown, argument: unknown): boolean | '' {
  const [length, wanted] = [lengthOf(value), toInteger(argument)]
  return length === undefined || wanted === undefined ? '' : length === wanted
}

function pick(value: unknown, context: Context): unknown {
  const list = items(value)
  return elementAt(list, Math.floor(context.settings.random() * list.length))
}

/** Sorted by an attribute or entry of the elements. Empty text where one has none, or they have no order. */
function sorted(value: unknown, argument: unknown, direction: 1 | -1): unknown {
  const list = toList(value)
  const keyOf = keyFunction(argument)
  if (!list || !keyOf) return ''
  const keyed = list.map((item) => ({ item, key: keyOf(item) }))
  if (keyed.some(({ key }) => key === undefined)) return ''
  try {
    return keyed.sort((a, b) => direction * compare(a.key, b.key)).map(({ item }) => item)
  } catch (error) {
    if (error instanceof TypeError) return ''
    throw error
  }
}

/** Python does not take a number in quotes for the index of a list. */
function entry(item: unknown, key: string): unknown {
  return item instanceof Map || isPlainObject(item) ? attribute(item, key) : undefined
}

function keyFunction(argument: unknown): ((item: unknown) => unknown) | undefined {
  const path = pythonString(argument)
  if (typeof argument === 'number') return (item) => items(item).at(argument)
  if (toFloat(path) !== undefined) return (item) => entry(item, path)
  if (path.startsWith('_') || path.includes('._')) return undefined
  const names = path.split('.')
  return (item) => names.reduce(attribute, item)
}

/** The separator is escaped unless it is a literal of the template; elements as escaping says. */
function join(value: unknown, separator: unknown, context: Context): unknown {
  const list = toList(value)
  if (!list) return value
  const isText = (item: unknown): boolean => typeof item === 'string' || item instanceof SafeString
  if (!context.autoescape && !list.every(isText)) return value
  const texts = list.map((item) => (context.autoescape ? htmlOf(item) : pythonString(item)))
  return new SafeString(texts.join(htmlOf(separator)))
}

/** Python's slice notation, `2:`, `:-1` or `::2`. What is wrong or cannot be sliced stays whole. */
function sliced(value: unknown, argument: unknown): unknown {
  const parts = pythonString(argument).split(':')
  const bounds = parts.map((part) => (part === '' ? undefined : (toInteger(part) ?? null)))
  const isText = typeof value === 'string' || value instanceof SafeString
  if (bounds.includes(null) || bounds.length > 3 || bounds[2] === 0 || !(isText || Array.isArray(value)))
    return value
  const [start, stop, step] = bounds.length === 1 ? [undefined, bounds[0]] : bounds
  const picked = slice(items(value), start ?? undefined, stop ?? undefined, step ?? undefined)
  return isText ? picked.join('') : picked
}

/** Lists inside of lists; deeper ones than this are not shown. */
const MAX_DEPTH = 100

/** The `<li>` elements for a list in which each element may be followed by a list of its children. */
function unorderedList(value: unknown, context: Context): SafeString {
  const show = context.autoescape ? htmlOf : pythonString
  return new SafeString(listItems(toList(value) ?? [], 1, show))
}

function listItems(list: readonly unknown[], depth: number, show: (item: unknown) => string): string {
  const tabs = '\t'.repeat(depth)
  const lines: string[] = []
  for (let i = 0; i < list.length; i++) {
    const next = list[i + 1]
    const children = Array.isArray(next) ? next : undefined
    const sublist =
      children && children.length > 0 && depth < MAX_DEPTH
        ? `\n${tabs}<ul>\n${listItems(children, depth + 1, show)}\n${tabs}</ul>\n${tabs}`
        : ''
    lines.push(`${tabs}<li>${show(list[i])}${sublist}</li>`)
    if (children) i++
  }
  return lines.join('\n')
}

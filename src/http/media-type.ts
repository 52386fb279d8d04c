/** Content-Type (RFC 9110 section 8.3.1). */
import { isToken } from './token.ts'

export interface MediaType {
  /** `type/subtype`, lower case. */
  readonly essence: string
  /** Names lower case; of two with one name the first counts. */
  readonly parameters: ReadonlyMap<string, string>
}

/** Undefined when it is none. Parameters that are malformed end the list; what stands before them counts. */
export function parseMediaType(value: string): MediaType | undefined {
  const semicolon = value.indexOf(';')
  const essence = (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toLowerCase()
  const slash = essence.indexOf('/')
  if (slash < 0 || !isToken(essence.slice(0, slash)) || !isToken(essence.slice(slash + 1))) return undefined
  return { essence, parameters: semicolon < 0 ? new Map() : parseParameters(value, semicolon) }
}

/** `; name=value` again and again, from that offset on. */
function parseParameters(text: string, from: number): Map<string, string> {
  const parameters = new Map<string, string>()
  let at = from
  while (at < text.length && text[at] === ';') {
    const equals = text.indexOf('=', at)
    if (equals < 0) break
    const name = text
      .slice(at + 1, equals)
      .trim()
      .toLowerCase()
    if (!isToken(name)) break
    const [value, end] = parameterValue(text, equals + 1)
    if (value === undefined) break
    if (!parameters.has(name)) parameters.set(name, value)
    at = end
    while (text[at] === ' ' || text[at] === '\t') at++
  }
  return parameters
}

/** The value and the offset behind it; undefined for an open quote. */
function parameterValue(text: string, from: number): [value: string | undefined, end: number] {
  if (text[from] !== '"') {
    const semicolon = text.indexOf(';', from)
    const end = semicolon < 0 ? text.length : semicolon
    return [text.slice(from, end).trim(), end]
  }
  let value = ''
  let start = from + 1
  for (let at = start; at < text.length; at++) {
    if (text[at] === '"') return [value + text.slice(start, at), at + 1]
    if (text[at] === '\\') {
      value += text.slice(start, at)
      start = ++at
    }
  }
  return [undefined, text.length]
}

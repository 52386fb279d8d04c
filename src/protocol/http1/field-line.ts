/**
 * One header line, read with care: what the fast path in field-section.ts does not recognise at once.
 *
 * Default rules are nginx's. A name of letters, digits and hyphens is good; underscores and other visible octets make
 * it an invalid one, which is left out; blanks, controls and an empty name refuse the message. A line without a colon
 * is a field without a value. `strict` refuses what RFC 9112 section 5 has no production for.
 */
import { TOKEN_CODES } from '../../http/token.ts'

export interface FieldRules {
  readonly underscores: boolean
  readonly ignoreInvalid: boolean
  readonly strict: boolean
}

export interface FieldLine {
  readonly name: string
  readonly value: string
  /** The name is one that is left out. */
  readonly ignored: boolean
}

/** Octets of a name: 1 good, 2 underscore, 3 visible otherwise (token or not), 0 never. */
export const NAME_CODES = new Uint8Array(256)
/** Octets of a value: HTAB and everything that is not a control (RFC 9110 section 5.5). */
export const VALUE_CODES = new Uint8Array(256)
for (let code = 0; code < 256; code++) {
  if (code > 32 && code !== 127 && code !== 58) NAME_CODES[code] = 3
  if ((code >= 32 && code !== 127) || code === 9) VALUE_CODES[code] = 1
}
for (const char of '-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ') {
  NAME_CODES[char.charCodeAt(0)] = 1
}
NAME_CODES[95] = 2

const CR = 13
const SPACE = 32
const TAB = 9

/** `line` is without its LF. Undefined when it is malformed. */
export function parseFieldLine(line: string, rules: FieldRules): FieldLine | undefined {
  let end = line.length
  if (end > 0 && line.charCodeAt(end - 1) === CR) end--
  else if (rules.strict) return undefined
  const colon = line.indexOf(':')
  const nameEnd = colon < 0 ? end : colon
  const kind = nameKind(line, nameEnd, rules)
  if (kind === 'malformed' || (colon < 0 && rules.strict)) return undefined
  const name = line.slice(0, nameEnd)
  const value = colon < 0 ? '' : fieldValue(line, colon + 1, end, !isFramingName(name))
  if (value === undefined) return undefined
  return { name, value, ignored: kind === 'ignored' }
}

function nameKind(line: string, end: number, rules: FieldRules): 'good' | 'ignored' | 'malformed' {
  if (end === 0) return 'malformed'
  let good = true
  let token = true
  for (let i = 0; i < end; i++) {
    const code = line.charCodeAt(i)
    const kind = NAME_CODES[code] ?? 0
    if (kind === 0) return 'malformed'
    if (kind !== 1 && !(kind === 2 && rules.underscores)) good = false
    if (TOKEN_CODES[code] !== 1) token = false
  }
  if (good) return 'good'
  if (!token && (rules.strict || !rules.ignoreInvalid)) return 'malformed'
  return rules.ignoreInvalid ? 'ignored' : 'good'
}

/**
 * Tabs around these are not stripped, which makes the values unknown ones: other parties, nginx among them, do not
 * strip them either, and framing must not be a matter of opinion.
 */
function isFramingName(name: string): boolean {
  const lower = name.toLowerCase()
  return lower === 'content-length' || lower === 'transfer-encoding'
}

/** The value without blanks around it, or undefined when it has a control in it. */
function fieldValue(line: string, from: number, to: number, stripTabs: boolean): string | undefined {
  while (from < to && isBlank(line.charCodeAt(from), stripTabs)) from++
  while (to > from && isBlank(line.charCodeAt(to - 1), stripTabs)) to--
  for (let i = from; i < to; i++) {
    if (VALUE_CODES[line.charCodeAt(i)] !== 1) return undefined
  }
  return line.slice(from, to)
}

function isBlank(code: number, tabs: boolean): boolean {
  return code === SPACE || (tabs && code === TAB)
}

/** What a backslash means inside and outside of classes (pcre2pattern(3), "Backslash"), without PCRE2_UTF. */
import { ByteSet } from './byte-set.ts'
import type { Scanner } from './scanner.ts'

const DIGIT = ByteSet.ranges('09')
const WORD = ByteSet.ranges('09AZ__az')
const SPACE = ByteSet.ranges('\t\r  ')
const HORIZONTAL = ByteSet.ranges('\t\t  \xa0\xa0')
const VERTICAL = ByteSet.ranges('\n\r\x85\x85')

const CLASS_ESCAPES: ReadonlyMap<string, ByteSet> = new Map([
  ['d', DIGIT],
  ['D', DIGIT.inverted()],
  ['w', WORD],
  ['W', WORD.inverted()],
  ['s', SPACE],
  ['S', SPACE.inverted()],
  ['h', HORIZONTAL],
  ['H', HORIZONTAL.inverted()],
  ['v', VERTICAL],
  ['V', VERTICAL.inverted()],
])

const CONTROL_ESCAPES: ReadonlyMap<string, number> = new Map([
  ['a', 0x07],
  ['e', 0x1b],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
])

/** `\d`, `\s` and their like: passes the letter. */
export function readClassEscape(scan: Scanner): ByteSet | undefined {
  if (scan.here === 'p' || scan.here === 'P') return readProperty(scan)
  const set = CLASS_ESCAPES.get(scan.here)
  if (set) scan.at++
  return set
}

/** General categories that PCRE2 and a RegExp know by the same name; `L&` is cased letters, `Any` is everything. */
const CATEGORY =
  /^(?:Any|L&|C|Cc|Cf|Cn|Co|Cs|L|Ll|Lm|Lo|Lt|Lu|M|Mc|Me|Mn|N|Nd|Nl|No|P|Pc|Pd|Pe|Pf|Pi|Po|Ps|S|Sc|Sk|Sm|So|Z|Zl|Zp|Zs)$/

/** `\\pL`, `\\p{Lu}`, `\\p{^Lu}`, `\\PL`: a byte has the property of the Latin-1 character with its number. */
function readProperty(scan: Scanner): ByteSet {
  const start = scan.at - 1
  const letter = scan.next()
  const [, not = '', braced] = scan.match(/\{(\^?)([A-Za-z_&]+)\}/y) ?? []
  if (braced === undefined && scan.here === '{') scan.syntax('malformed \\P or \\p sequence')
  if (braced === undefined && scan.done) scan.syntax('malformed \\P or \\p sequence')
  const name = braced ?? scan.next()
  if (!CATEGORY.test(name)) scan.unsupported(`\\${letter}{${name}} needs Unicode tables`, start)
  const property = name === 'L&' ? '[\\p{Ll}\\p{Lu}\\p{Lt}]' : `\\p{${name}}`
  const regexp = new RegExp(`^${property}$`, 'u')
  const set = new ByteSet()
  for (let code = 0; code < 256; code++) if (regexp.test(String.fromCharCode(code))) set.add(code)
  return (letter === 'P') === (not === '') ? set.inverted() : set
}

/** The byte that an escape stands for; the backslash is passed. Back references outside of classes come before. */
export function readByteEscape(scan: Scanner): number {
  const start = scan.at - 1
  if (scan.done) scan.syntax('\\ at end of pattern')
  const char = scan.next()
  const control = CONTROL_ESCAPES.get(char)
  if (control !== undefined) return control
  if (char === 'x') return readHex(scan)
  if (char === 'c') return readControl(scan)
  if (char === 'o') return readBracedOctal(scan)
  if (/[0-7]/.test(char)) return readOctal(scan, char)
  if (/[89]/.test(char)) return char.charCodeAt(0)
  if ('LlUu'.includes(char)) scan.syntax('PCRE2 does not support \\F, \\L, \\l, \\N{name}, \\U, or \\u')
  if (char === 'X') scan.unsupported('\\X needs Unicode tables', start)
  if (/[A-Za-z]/.test(char)) scan.syntax('unrecognized character follows \\', scan.at - 1)
  return char.charCodeAt(0)
}

function readHex(scan: Scanner): number {
  if (!scan.startsWith('{')) return parseInt(scan.match(/[0-9A-Fa-f]{0,2}/y)?.[0] || '0', 16)
  const braced = scan.match(/\{([0-9A-Fa-f]+)\}/y)
  if (!braced)
    return scan.syntax('non-hex character in \\x{} (closing brace missing?)', badDigit(scan, /[^0-9A-Fa-f]/g))
  return readByte(scan, parseInt(braced[1] ?? '', 16))
}

function readBracedOctal(scan: Scanner): number {
  if (!scan.startsWith('{')) return scan.syntax('missing opening brace after \\o', scan.at - 1)
  const braced = scan.match(/\{([0-7]+)\}/y)
  if (!braced)
    return scan.syntax('non-octal character in \\o{} (closing brace missing?)', badDigit(scan, /[^0-7]/g))
  return readByte(scan, parseInt(braced[1] ?? '', 8))
}

/** Where the first character behind the brace that is no digit stands. */
function badDigit(scan: Scanner, other: RegExp): number {
  other.lastIndex = scan.at + 1
  return other.exec(scan.text)?.index ?? scan.text.length
}

function readByte(scan: Scanner, code: number): number {
  return code < 256
    ? code
    : scan.syntax('character code point value in \\x{} or \\o{} is too large', scan.at - 1)
}

function readOctal(scan: Scanner, first: string): number {
  const code = parseInt(first + (scan.match(/[0-7]{0,2}/y)?.[0] ?? ''), 8)
  return code < 256 ? code : scan.syntax('octal value is greater than \\377 in 8-bit non-UTF-8 mode')
}

function readControl(scan: Scanner): number {
  if (scan.done) scan.syntax('\\c at end of pattern')
  const code = scan.next().toUpperCase().charCodeAt(0)
  if (code < 0x20 || code > 0x7e)
    scan.syntax('\\c must be followed by a printable ASCII character', scan.at - 1)
  return code ^ 0x40
}

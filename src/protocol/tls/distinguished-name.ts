/**
 * Names of certificates as text. RFC 2253 (`CN=a,O=b`, last part first) is what nginx puts into `$ssl_client_s_dn`; the
 * `_legacy` variables have OpenSSL's older form (`/O=b/CN=a`).
 */
import { derItems, derObjectId, type DerItem } from '../../util/der.ts'

/** OpenSSL's short names of attributes. */
const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.4', 'SN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'street'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.12', 'title'],
  ['2.5.4.13', 'description'],
  ['2.5.4.15', 'businessCategory'],
  ['2.5.4.16', 'postalAddress'],
  ['2.5.4.17', 'postalCode'],
  ['2.5.4.20', 'telephoneNumber'],
  ['2.5.4.41', 'name'],
  ['2.5.4.42', 'GN'],
  ['2.5.4.43', 'initials'],
  ['2.5.4.44', 'generationQualifier'],
  ['2.5.4.45', 'x500UniqueIdentifier'],
  ['2.5.4.46', 'dnQualifier'],
  ['2.5.4.65', 'pseudonym'],
  ['2.5.4.97', 'organizationIdentifier'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['1.2.840.113549.1.9.1', 'emailAddress'],
  ['1.2.840.113549.1.9.2', 'unstructuredName'],
  ['1.2.840.113549.1.9.8', 'unstructuredAddress'],
  ['1.3.6.1.4.1.311.60.2.1.1', 'jurisdictionL'],
  ['1.3.6.1.4.1.311.60.2.1.2', 'jurisdictionST'],
  ['1.3.6.1.4.1.311.60.2.1.3', 'jurisdictionC'],
])

interface Attribute {
  readonly oid: string
  readonly value: DerItem
}

/** A Name (RFC 5280 section 4.1.2.4), with its outer tag, as relative names that hold attributes. */
function relativeNames(name: Uint8Array): Attribute[][] {
  const [sequence] = derItems(name)
  return derItems(sequence?.content ?? new Uint8Array(0)).map((set) =>
    derItems(set.content).flatMap((pair) => {
      const [oid, value] = derItems(pair.content)
      return oid && value ? [{ oid: derObjectId(oid.content), value }] : []
    }),
  )
}

/** RFC 2253, with control bytes and all that is not ASCII as `\XX`. `name` is DER. */
export function formatName(name: Uint8Array): string {
  return relativeNames(name)
    .toReversed()
    .map((set) => set.toReversed().map(formatAttribute).join('+'))
    .join(',')
}

function formatAttribute({ oid, value }: Attribute): string {
  const short = SHORT_NAMES.get(oid)
  const text = short === undefined ? undefined : utf8Of(value)
  const shown =
    text === undefined ? `#${Buffer.from(value.whole).toString('hex').toUpperCase()}` : escape2253(text)
  return `${short ?? oid}=${shown}`
}

/** `/C=XX/CN=name`: bytes as they are, the unprintable ones as `\xXX`. */
export function formatNameLegacy(name: Uint8Array): string {
  let text = ''
  for (const set of relativeNames(name)) {
    set.forEach(({ oid, value }, index) => {
      text += `${index === 0 ? '/' : '+'}${SHORT_NAMES.get(oid) ?? oid}=${printable(value)}`
    })
  }
  return text
}

function printable({ content }: DerItem): string {
  let text = ''
  for (const byte of content)
    text += byte < 0x20 || byte > 0x7e ? `\\x${hex(byte)}` : String.fromCharCode(byte)
  return text
}

const TAG_UTF8 = 12
const TAG_UNIVERSAL = 28
const TAG_BMP = 30
/** Numeric, printable, teletex, videotex, IA5, times, graphic, visible, general: one byte per character. */
const SINGLE_BYTE = new Set([18, 19, 20, 21, 22, 23, 24, 25, 26, 27])

/** The value's text as UTF-8; undefined for what is no string. */
function utf8Of({ tag, content }: DerItem): Uint8Array | undefined {
  if (tag === TAG_UTF8) return content
  if (SINGLE_BYTE.has(tag)) return Buffer.from(Buffer.from(content).toString('latin1'), 'utf8')
  const width = tag === TAG_BMP ? 2 : tag === TAG_UNIVERSAL ? 4 : 0
  if (width === 0 || content.length % width !== 0) return undefined
  let text = ''
  for (let at = 0; at < content.length; at += width) {
    let code = 0
    for (const byte of content.subarray(at, at + width)) code = code * 256 + byte
    if (code > 0x10ffff) return undefined
    text += String.fromCodePoint(code)
  }
  return Buffer.from(text, 'utf8')
}

function escape2253(bytes: Uint8Array): string {
  let text = ''
  bytes.forEach((byte, index) => {
    const char = String.fromCharCode(byte)
    const edge =
      (index === 0 && (char === ' ' || char === '#')) || (index === bytes.length - 1 && char === ' ')
    if (byte < 0x20 || byte > 0x7e) text += `\\${hex(byte)}`
    else text += edge || ',+"<>;\\'.includes(char) ? `\\${char}` : char
  })
  return text
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0')
}

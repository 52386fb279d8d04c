import { randomString } from '../signing/salted-hmac.ts'
import { formEncode } from '../http/percent.ts'

/** A file to upload. */
export interface ClientFile {
  readonly name: string
  readonly content: string | Uint8Array
  readonly contentType?: string
}

type FieldValue = string | number | boolean | ClientFile | readonly (string | number | ClientFile)[]

/** Fields of a form; a list sends the name once for each of its values. */
export type FormFields = Readonly<Record<string, FieldValue>>

/** A body and what it is. */
export interface EncodedBody {
  readonly contentType: string
  readonly bytes: Buffer
}

function* pairsOf(fields: FormFields): Generator<[name: string, value: string | ClientFile]> {
  for (const [name, value] of Object.entries(fields)) {
    const values: readonly (string | number | boolean | ClientFile)[] = isList(value) ? value : [value]
    for (const one of values) yield [name, typeof one === 'object' ? one : String(one)]
  }
}

function isList(value: FieldValue): value is readonly (string | number | ClientFile)[] {
  return Array.isArray(value)
}

/** `application/x-www-form-urlencoded`. @throws TypeError for a file */
export function urlencode(fields: FormFields): string {
  const parts: string[] = []
  for (const [name, value] of pairsOf(fields)) {
    if (typeof value !== 'string') throw new TypeError(`The file ${name} needs a multipart form`)
    parts.push(`${formEncode(name)}=${formEncode(value)}`)
  }
  return parts.join('&')
}

/** `multipart/form-data` (RFC 7578). */
export function multipart(fields: FormFields): EncodedBody {
  const boundary = `----${randomString(24)}`
  const parts: Buffer[] = []
  for (const [name, value] of pairsOf(fields)) {
    const file = typeof value === 'string' ? '' : `; filename="${quoted(value.name)}"`
    const type =
      typeof value === 'string' ? '' : `Content-Type: ${value.contentType ?? 'application/octet-stream'}\r\n`
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"${file}\r\n${type}\r\n`
    parts.push(
      Buffer.from(head),
      Buffer.from(typeof value === 'string' ? value : value.content),
      Buffer.from('\r\n'),
    )
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`))
  return { contentType: `multipart/form-data; boundary=${boundary}`, bytes: Buffer.concat(parts) }
}

/** As browsers escape names (HTML, "Multipart form data"). */
function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

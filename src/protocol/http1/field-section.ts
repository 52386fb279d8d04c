/**
 * Header and trailer sections: lines up to the empty one, into a HeaderTable.
 *
 * The loop over octets is the hottest of the server. It takes lines of the usual shape (`Name: value` CRLF, a name of
 * letters, digits and hyphens) and leaves all others, also incomplete ones, to the careful path; both give the same
 * result. A line is judged only when its LF has arrived within the limits, so that how the bytes were cut cannot
 * change the answer.
 */
import type { HeaderTable } from '../../http/header-table.ts'
import type { FieldName } from './field-names.ts'
import {
  fieldName,
  hashStep,
  internFieldName,
  ROLE_CONNECTION,
  ROLE_CONTENT_LENGTH,
  ROLE_EXPECT,
  ROLE_HOST,
  ROLE_NONE,
  ROLE_TRANSFER_ENCODING,
} from './field-names.ts'
import type { FieldRules } from './field-line.ts'
import { NAME_CODES, parseFieldLine, VALUE_CODES } from './field-line.ts'
import { Http1Error } from './http1-error.ts'
import type { Inbox } from './inbox.ts'
import { NEED_DATA, OVER_LIMIT } from './inbox.ts'
import type { SideErrors } from './side-errors.ts'

export interface FieldLimits extends FieldRules {
  readonly lineBytes: number
  readonly headBytes: number
  readonly maxHeaders: number
}

const HTAB = 9
const LF = 10
const CR = 13
const SPACE = 32
const COLON = 58
const NONE: readonly string[] = []

export class FieldSection {
  readonly #limits: FieldLimits
  readonly #errors: SideErrors
  #table: HeaderTable
  #headBytes = 0
  #lines = 0
  #seenOnce = 0
  #ignored: string[] | undefined

  host: string | undefined
  contentLength: string | undefined
  transferEncoding: string | undefined
  connection: string | undefined
  expect: string | undefined

  constructor(table: HeaderTable, limits: FieldLimits, errors: SideErrors) {
    this.#table = table
    this.#limits = limits
    this.#errors = errors
  }

  /** Bytes of the head so far, lines before this section included. */
  get headBytes(): number {
    return this.#headBytes
  }

  /** Lines left out for their names, for the error log. */
  get ignored(): readonly string[] {
    return this.#ignored ?? NONE
  }

  /** Starts over for the next message. `headBytes` were taken by its first line. */
  begin(table: HeaderTable, headBytes: number): void {
    this.#table = table
    this.#headBytes = headBytes
    this.#lines = 0
    this.#seenOnce = 0
    this.#ignored = undefined
    this.host = undefined
    this.contentLength = undefined
    this.transferEncoding = undefined
    this.connection = undefined
    this.expect = undefined
  }

  /** True when the empty line was consumed; false when more bytes are needed. */
  read(inbox: Inbox): boolean {
    for (;;) {
      const taken = inbox.searched === 0 ? this.#fastLine(inbox) : 0
      if (taken === 0) {
        const end = inbox.lineEnd(this.#lineLimit())
        if (end === NEED_DATA) {
          if (inbox.more()) continue
          return false
        }
        if (end === OVER_LIMIT) this.#throwTooLong(inbox)
        if (this.#carefulLine(inbox, end)) return true
      } else if (taken < 0) {
        return true
      }
    }
  }

  /** Length of the line it took, -2 for the empty line, 0 when the line is not of the usual shape. */
  #fastLine(inbox: Inbox): number {
    const bytes = inbox.bytes
    const end = bytes.length
    const start = inbox.position
    let at = start
    let hash = 0
    while (at < end) {
      const code = bytes[at]!
      if (NAME_CODES[code] !== 1) break
      hash = hashStep(hash, code)
      at++
    }
    if (at + 1 >= end) return 0
    if (at === start) return bytes[at] === CR && bytes[at + 1] === LF ? this.#emptyLine(inbox, 2) : 0
    if (bytes[at] !== COLON) return 0
    const nameEnd = at++
    while (at < end && bytes[at] === SPACE) at++
    const valueStart = at
    while (at < end && VALUE_CODES[bytes[at]!] === 1) at++
    if (at + 1 >= end || bytes[at] !== CR || bytes[at + 1] !== LF) return 0
    const taken = at + 2 - start
    if (taken > this.#lineLimit()) return 0
    while (at > valueStart && bytes[at - 1] === SPACE) at--
    if (at > valueStart && (bytes[valueStart] === HTAB || bytes[at - 1] === HTAB)) return 0
    const value = inbox.text(valueStart, at)
    this.#count(taken)
    this.#add(internFieldName(bytes, start, nameEnd, hash), value)
    inbox.position = start + taken
    return taken
  }

  #carefulLine(inbox: Inbox, end: number): boolean {
    const start = inbox.position
    const text = inbox.text(start, end)
    if (text === '\r' || (text === '' && !this.#limits.strict)) {
      this.#emptyLine(inbox, end + 1 - start)
      return true
    }
    this.#count(end + 1 - start)
    const line = parseFieldLine(text, this.#limits)
    if (line === undefined) throw new Http1Error(this.#errors.invalid, text)
    if (line.ignored) (this.#ignored ??= []).push(text.endsWith('\r') ? text.slice(0, -1) : text)
    else this.#add(fieldName(line.name), line.value)
    inbox.position = end + 1
    return false
  }

  #emptyLine(inbox: Inbox, length: number): number {
    if (length > this.#lineLimit()) this.#throwTooLong(inbox)
    this.#headBytes += length
    inbox.position += length
    return -length
  }

  #count(length: number): void {
    this.#headBytes += length
    if (++this.#lines > this.#limits.maxHeaders) throw new Http1Error(this.#errors.tooMany)
  }

  #add(name: FieldName, value: string): void {
    if ((this.#seenOnce & name.onceBit & this.#errors.once) !== 0) {
      throw new Http1Error(this.#errors.duplicate, `${name.raw}: ${value}`)
    }
    this.#seenOnce |= name.onceBit
    if (name.role !== ROLE_NONE) this.#keep(name.role, value)
    this.#table.add(name.lower, name.raw, value)
  }

  #keep(role: number, value: string): void {
    if (role === ROLE_HOST) this.host = value
    else if (role === ROLE_CONNECTION) {
      this.connection = this.connection === undefined ? value : `${this.connection},${value}`
    } else if (role === ROLE_CONTENT_LENGTH) this.contentLength = value
    else if (role === ROLE_TRANSFER_ENCODING) this.transferEncoding = value
    else if (role === ROLE_EXPECT) this.expect = value
  }

  /** Most bytes the next line may have: what one line may, or what the head has left. */
  #lineLimit(): number {
    return Math.min(this.#limits.lineBytes, this.#limits.headBytes - this.#headBytes)
  }

  #throwTooLong(inbox: Inbox): never {
    const errors = this.#errors
    const headIsFull = this.#lineLimit() < this.#limits.lineBytes
    if (headIsFull) throw new Http1Error(errors.tooLarge)
    throw new Http1Error(
      errors.lineTooLong,
      inbox.text(inbox.position, Math.min(inbox.bytes.length, inbox.position + 256)),
    )
  }
}

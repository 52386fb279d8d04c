import { BadHeaderError } from '../exceptions.ts'

/** A file in a message. Text is sent as UTF-8. */
export interface Attachment {
  readonly filename: string
  readonly content: string | Uint8Array
  /** Told by the name when it is left out. */
  readonly mimetype?: string
}

/** The body once more, in another form: `text/html` as a rule. */
export interface Alternative {
  readonly content: string
  readonly mimetype: string
}

/** The parts of a message. */
export interface EmailOptions {
  readonly subject?: string
  readonly body?: string
  /** `settings.defaultFromEmail` when it is left out. */
  readonly from?: string
  readonly to?: readonly string[]
  readonly cc?: readonly string[]
  /** Get the message; no header says so. */
  readonly bcc?: readonly string[]
  readonly replyTo?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  readonly attachments?: readonly Attachment[]
  readonly alternatives?: readonly Alternative[]
}

/** Headers that the message itself makes. */
const RESERVED = /^(?:from|to|cc|bcc|subject|reply-to|content-.*|mime-version)$/i

/** A message. Whatever would begin another header is refused when it is made (FAULTS, header injection). */
export class EmailMessage {
  readonly subject: string
  readonly body: string
  readonly from: string | null
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly bcc: readonly string[]
  readonly replyTo: readonly string[]
  readonly headers: ReadonlyMap<string, string>
  readonly attachments: Attachment[]
  readonly alternatives: Alternative[]

  /** @throws BadHeaderError for a line break in the subject, an address or a header, and for an address that is none */
  constructor(options: EmailOptions = {}) {
    this.subject = oneLine('Subject', options.subject ?? '')
    this.body = options.body ?? ''
    this.from = options.from === undefined ? null : address('From', options.from)
    this.to = addresses('To', options.to)
    this.cc = addresses('Cc', options.cc)
    this.bcc = addresses('Bcc', options.bcc)
    this.replyTo = addresses('Reply-To', options.replyTo)
    this.headers = new Map(Object.entries(options.headers ?? {}).map(checkedHeader))
    this.attachments = []
    this.alternatives = []
    for (const { filename, content, mimetype } of options.attachments ?? [])
      this.attach(filename, content, mimetype)
    for (const { content, mimetype } of options.alternatives ?? []) this.attachAlternative(content, mimetype)
  }

  /** Everybody who gets it. */
  recipients(): string[] {
    return [...this.to, ...this.cc, ...this.bcc]
  }

  /** Adds a file. @throws BadHeaderError for a name or type with a line break */
  attach(filename: string, content: string | Uint8Array, mimetype?: string): void {
    const type = mimetype === undefined ? {} : { mimetype: mediaType(mimetype) }
    this.attachments.push({ filename: oneLine('filename', filename), content, ...type })
  }

  /** Adds the body in another form. @throws BadHeaderError for a type with a line break */
  attachAlternative(content: string, mimetype: string): void {
    this.alternatives.push({ content, mimetype: mediaType(mimetype) })
  }
}

/** @throws BadHeaderError */
function oneLine(name: string, value: string): string {
  if (/[\r\n\0\u2028\u2029]/.test(value)) {
    throw new BadHeaderError(
      `Header values can't contain newlines (got ${JSON.stringify(value)} for header '${name}')`,
    )
  }
  return value
}

/** `name@domain`, or that in angle brackets after a name. */
const ADDRESS = /^(?:[^<>]*<)?[^\s<>@,;:"()]+@[^\s<>@,;:"()]+>?$/

/** @throws BadHeaderError for two in one, which would send to more than were checked */
function address(name: string, value: string): string {
  const text = oneLine(name, value).trim()
  const bracketed = text.includes('<')
  const quotedComma = /^"[^"]*"\s*</.test(text) || !/[,;]/.test(text)
  if (text.length > 1000 || !ADDRESS.test(text) || bracketed !== text.endsWith('>') || !quotedComma) {
    throw new BadHeaderError(`Invalid address ${JSON.stringify(value)} for header '${name}'`)
  }
  return text
}

function addresses(name: string, values: readonly string[] = []): readonly string[] {
  return values.map((value) => address(name, value))
}

function mediaType(value: string): string {
  if (/^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+(?:; ?charset=[a-z0-9_-]+)?$/i.test(value)) return value
  throw new BadHeaderError(`Invalid media type ${JSON.stringify(value)}`)
}

function checkedHeader([name, value]: readonly [string, string]): readonly [string, string] {
  if (!/^[!-9;-~]+$/.test(name) || RESERVED.test(name)) {
    throw new BadHeaderError(`Invalid or reserved header name ${JSON.stringify(name)}`)
  }
  return [name, oneLine(name, value)]
}

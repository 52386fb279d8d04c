import { KeyedFiles } from '../../io/files/keyed-files.ts'
import { randomString } from '../signing/salted-hmac.ts'
import type { EmailMessage } from './email-message.ts'

/** Sends messages, or does with them what it does instead. */
export interface MailBackend {
  /** @param from the sender of messages that name none */
  send(message: EmailMessage, from: string): Promise<void>
  close?(): void
}

/** What nodemailer is told of a message: addresses and headers were checked when it was made. */
function mailOptions(message: EmailMessage, from: string) {
  const html = message.alternatives.find(({ mimetype }) => mimetype === 'text/html')
  const others = message.alternatives.filter((alternative) => alternative !== html)
  return {
    from: message.from ?? from,
    to: [...message.to],
    cc: [...message.cc],
    bcc: [...message.bcc],
    replyTo: [...message.replyTo],
    subject: message.subject,
    text: message.body,
    ...(html !== undefined && { html: html.content }),
    alternatives: others.map(({ content, mimetype }) => ({ content, contentType: mimetype })),
    headers: Object.fromEntries(message.headers),
    attachments: message.attachments.map(({ filename, content, mimetype }) => ({
      filename,
      content: typeof content === 'string' ? content : Buffer.from(content),
      ...(mimetype !== undefined && { contentType: mimetype }),
    })),
    // What a message names is its own content: no file of the server and nothing of the network is read for it.
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

/** The message as it goes over the wire (RFC 5322): who gets it unseen is not in it. */
export async function messageText(message: EmailMessage, from: string): Promise<string> {
  const { createTransport } = await import('nodemailer')
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' })
  const { message: raw } = await transport.sendMail({ ...mailOptions(message, from), bcc: [] })
  if (!Buffer.isBuffer(raw)) throw new TypeError('The message was not composed')
  return raw.toString('utf8')
}

/** Shows messages instead of sending them: for development. */
export class ConsoleMailBackend implements MailBackend {
  readonly #write: (text: string) => void

  constructor(write: (text: string) => void = (text) => console.log(text)) {
    this.#write = write
  }

  async send(message: EmailMessage, from: string): Promise<void> {
    this.#write(`${await messageText(message, from)}\n${'-'.repeat(79)}`)
  }
}

/** Keeps messages in `outbox`: for tests. */
export class MemoryMailBackend implements MailBackend {
  readonly outbox: EmailMessage[] = []

  async send(message: EmailMessage, from: string): Promise<void> {
    // What cannot be composed fails here as it would on the way.
    await messageText(message, from)
    this.outbox.push(message)
  }
}

/** Writes each message to a file of its own. */
export class FileMailBackend implements MailBackend {
  readonly #files: KeyedFiles
  readonly #now: () => number

  constructor(folder: string, now: () => number = Date.now) {
    this.#files = new KeyedFiles(folder, '.eml')
    this.#now = now
  }

  async send(message: EmailMessage, from: string): Promise<void> {
    const time = new Date(this.#now())
      .toISOString()
      .replace(/[^0-9]/g, '')
      .slice(0, 14)
    await this.#files.write(`${time}-${randomString(8)}`, await messageText(message, from))
  }
}

/** Where the SMTP server is, and how it is talked to. */
export interface SmtpOptions {
  /** `localhost` when it is left out. */
  readonly host?: string
  /** 25, or 465 with `ssl`, when it is left out. */
  readonly port?: number
  readonly user?: string
  readonly password?: string
  /** Refuses a server that offers no STARTTLS. */
  readonly tls?: boolean
  /** TLS from the first byte. */
  readonly ssl?: boolean
  /** Seconds for each step of the talk; 30 when it is left out. */
  readonly timeout?: number
  /** Connections at a time; 2 when it is left out. */
  readonly connections?: number
}

/** Sends by SMTP, over a few connections that are kept. */
export class SmtpMailBackend implements MailBackend {
  readonly #options: SmtpOptions
  #transport: ReturnType<typeof poolOf> | undefined

  constructor(options: SmtpOptions = {}) {
    this.#options = options
  }

  async send(message: EmailMessage, from: string): Promise<void> {
    if (message.recipients().length === 0) return
    this.#transport ??= poolOf(this.#options)
    await (await this.#transport).sendMail(mailOptions(message, from))
  }

  close(): void {
    const transport = this.#transport
    this.#transport = undefined
    void transport?.then((pool) => pool.close())
  }
}

/** The package is loaded by the first message: a worker that sends none starts without its 50 ms. */
async function poolOf(options: SmtpOptions) {
  const { createTransport } = await import('nodemailer')
  const ms = (options.timeout ?? 30) * 1000
  const ssl = options.ssl ?? false
  return createTransport({
    pool: true,
    maxConnections: options.connections ?? 2,
    host: options.host ?? 'localhost',
    port: options.port ?? (ssl ? 465 : 25),
    secure: ssl,
    requireTLS: options.tls ?? false,
    ...(options.user !== undefined && { auth: { user: options.user, pass: options.password ?? '' } }),
    connectionTimeout: ms,
    greetingTimeout: ms,
    socketTimeout: ms,
  })
}

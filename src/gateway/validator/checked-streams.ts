/**
 * wsgi.input and wsgi.errors with somebody who looks at both sides: what the application asks for, and what the
 * server answers (PEP 3333, "Input and Error Streams").
 */
import type { ErrorStream, InputStream } from '../application.ts'
import { describeValue } from '../describe-value.ts'
import { quoted, rule } from './rule.ts'

export class CheckedInput implements InputStream {
  readonly #input: InputStream
  /** Bytes that CONTENT_LENGTH says, if it does. */
  readonly #length: number
  #received = 0
  #reading = false

  constructor(input: InputStream, contentLength: unknown) {
    this.#input = input
    this.#length =
      typeof contentLength === 'string' && contentLength !== '' ? Number(contentLength) : Infinity
  }

  async read(...args: [size?: number]): Promise<Buffer> {
    checkSize('read', args)
    const data = await this.#guard('read', () => this.#input.read(...args))
    this.#take('read', data, args[0])
    return data
  }

  async readline(...args: [size?: number]): Promise<Buffer> {
    checkSize('readline', args)
    const line = await this.#guard('readline', () => this.#input.readline(...args))
    this.#take('readline', line, args[0])
    const end = line.indexOf(10)
    rule(
      end < 0 || end === line.length - 1,
      'the server answered wsgi.input.readline() with more than one line',
    )
    return line
  }

  async readlines(...args: [hint?: number]): Promise<Buffer[]> {
    checkSize('readlines', args)
    const lines = await this.#guard('readlines', () => this.#input.readlines(...args))
    rule(
      Array.isArray(lines),
      `the server answered wsgi.input.readlines() with ${describeValue(lines)}; a list of Buffers is due`,
    )
    for (const line of lines) this.#take('readlines', line, undefined)
    return lines
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    const pieces = this.#input[Symbol.asyncIterator]()
    return {
      next: async () => {
        const step = await this.#guard('iteration', () => pieces.next())
        if (step.done === true) return { done: true, value: undefined }
        this.#take('iteration', step.value, undefined)
        return { done: false, value: step.value }
      },
    }
  }

  /** One read at a time, and each a promise. */
  async #guard<T>(name: string, read: () => Promise<T>): Promise<T> {
    rule(
      !this.#reading,
      `wsgi.input.${name} was called while another read was waiting; await one before the next one`,
    )
    this.#reading = true
    try {
      const result: unknown = read()
      rule(
        typeof result === 'object' && result !== null && 'then' in result,
        `the server answered wsgi.input.${name} with ${describeValue(result)}; it has to be a promise`,
      )
      return await (result as Promise<T>)
    } finally {
      this.#reading = false
    }
  }

  #take(name: string, data: unknown, size: number | undefined): void {
    rule(
      Buffer.isBuffer(data),
      `the server answered wsgi.input.${name} with ${describeValue(data)}; a Buffer is due`,
    )
    rule(
      size === undefined || size < 0 || data.length <= size,
      `the server answered wsgi.input.${name}(${size}) with ${data.length} bytes, more than were asked for`,
    )
    this.#received += data.length
    rule(
      this.#received <= this.#length,
      `the server gave ${this.#received} bytes of wsgi.input, and CONTENT_LENGTH says ${this.#length}; reads have to end there`,
    )
  }
}

export class CheckedErrors implements ErrorStream {
  readonly #errors: ErrorStream

  constructor(errors: ErrorStream) {
    this.#errors = errors
  }

  write(...args: [text: string]): void {
    const text: unknown = args[0]
    rule(args.length === 1, `wsgi.errors.write got ${args.length} arguments; it takes one`)
    rule(typeof text === 'string', `wsgi.errors.write got ${describeValue(text)}; it takes a string`)
    this.#errors.write(text)
  }

  writelines(...args: [lines: Iterable<string>]): void {
    const lines: unknown = args[0]
    rule(args.length === 1, `wsgi.errors.writelines got ${args.length} arguments; it takes one`)
    rule(
      typeof lines !== 'string',
      'wsgi.errors.writelines got a bare string, which is a list of characters; use write',
    )
    rule(
      typeof lines === 'object' && lines !== null && Symbol.iterator in lines,
      `wsgi.errors.writelines got ${describeValue(lines)}; it takes a list of strings`,
    )
    for (const line of lines as Iterable<string>) this.write(line)
  }

  flush(): void {
    this.#errors.flush()
  }
}

function checkSize(name: string, args: readonly unknown[]): void {
  rule(args.length <= 1, `wsgi.input.${name} got ${args.length} arguments; it takes one at the most`)
  const size = args[0]
  rule(
    size === undefined || Number.isInteger(size),
    `wsgi.input.${name} got ${describeValue(size)}; it takes a number of bytes`,
  )
}

const HINTS = new Map([
  ['close', 'the stream belongs to the server, and applications must not close it'],
  ['on', 'it is no Node stream; await read(size) until it gives an empty buffer'],
  ['pipe', 'it is no Node stream; await read(size) until it gives an empty buffer'],
  ['end', 'the stream belongs to the server, and applications must not end it'],
])

/** The stream with nothing but its own methods: anything else that is asked for is a sentence. */
export function withoutExtras<T extends object>(key: string, stream: T): T {
  return new Proxy(stream, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value === 'function') return (value as (...args: unknown[]) => unknown).bind(target)
      // `await` and inspection ask for things without meaning to use them.
      if (typeof name === 'symbol' || name === 'then' || name === 'constructor' || name === 'toJSON')
        return value
      const hint = HINTS.get(name) ?? 'only the methods of PEP 3333 are on every server'
      rule(false, `${key} was asked for ${quoted(name)}; ${hint}`)
    },
  })
}

import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy'
import {
  MultiPartParserError,
  RequestDataTooBig,
  TooManyFilesSent,
  UnreadablePostError,
} from '../exceptions.ts'
import type { SettingValues } from '../conf/setting-values.ts'
import { MultiValueDict } from './multi-value-dict.ts'
import { QueryDict, tooManyFields } from './query-dict.ts'
import { safeFileName, UploadedFile, type SpoolFile } from './uploaded-file.ts'

/** What a form brought. */
export interface FormContent {
  readonly fields: QueryDict
  readonly files: MultiValueDict<UploadedFile>
}

/** Bytes that boundaries and part headers may take beside the fields. */
const overheadBytes = 1_048_576

/**
 * Reads one multipart body (RFC 7578). Limits are Django's, counted on the bytes that came: Content-Length is not
 * believed. Small files stay in memory, larger ones go to disk while they arrive; nothing is left behind on an error.
 */
export class MultipartForm {
  readonly #settings: SettingValues
  readonly #makeSpoolFile: () => Promise<SpoolFile>
  readonly #fields: [string, string][] = []
  readonly #files: { fieldName: string; file: UploadedFile }[] = []
  readonly #open = new Set<SpoolFile>()
  readonly #streams = new Set<BusboyFileStream>()
  #discarded = false
  readonly #tasks: Promise<void>[] = []
  readonly #parser: BusboyInstance
  #fieldBytes = 0
  #fileBytes = 0
  #received = 0
  #fail: (error: unknown) => void = () => undefined
  readonly #failed: Promise<never>

  /** @throws MultiPartParserError when the content type names no usable boundary */
  constructor(contentType: string, settings: SettingValues, makeSpoolFile: () => Promise<SpoolFile>) {
    checkBoundary(contentType)
    this.#settings = settings
    this.#makeSpoolFile = makeSpoolFile
    this.#failed = new Promise<never>((_resolve, reject) => {
      this.#fail = reject
    })
    this.#failed.catch(() => undefined)
    this.#parser = this.#listen(
      new Busboy({ headers: { 'content-type': contentType }, limits: this.#limits() }),
    )
  }

  #limits() {
    const { dataUploadMaxMemorySize, dataUploadMaxNumberFields, dataUploadMaxNumberFiles } = this.#settings
    const fields = dataUploadMaxNumberFields ?? Infinity
    const files = dataUploadMaxNumberFiles ?? Infinity
    return {
      fieldSize: dataUploadMaxMemorySize ?? Infinity,
      fields,
      files,
      // Parts without a name are neither, are never kept, and cost as much time.
      parts: fields + files,
      fileSize: this.#settings.fileUploadMaxSize ?? Infinity,
      headerPairs: 100,
      headerSize: 16_384,
    }
  }

  #listen(parser: BusboyInstance): BusboyInstance {
    parser.on('field', (name, value, _nameCut, valueCut) => this.#addField(name, value, valueCut))
    parser.on('file', (name, stream, fileName, _encoding, type) =>
      this.#takeFile(name, stream, fileName, type),
    )
    parser.on('fieldsLimit', () => this.#fail(tooManyFields()))
    parser.on('partsLimit', () => this.#fail(tooManyFields()))
    parser.on('filesLimit', () => this.#fail(tooManyFiles()))
    parser.on('error', (error) => this.#fail(malformed(error)))
    return parser
  }

  /**
   * @throws MultiPartParserError, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent, UnreadablePostError or the
   *   disk's error
   */
  async parse(body: AsyncIterable<Buffer>): Promise<FormContent> {
    try {
      const finished = new Promise<void>((resolve) => this.#parser.once('finish', resolve))
      for await (const chunk of guarded(body)) await this.#write(chunk)
      this.#parser.end()
      await Promise.race([finished, this.#failed])
      await Promise.race([Promise.all(this.#tasks), this.#failed])
      // A limit that the last chunk crossed has rejected by now.
      await Promise.race([this.#failed, Promise.resolve()])
      return this.#content()
    } catch (error) {
      await this.#discard()
      throw error
    }
  }

  #content(): FormContent {
    const files = new MultiValueDict<UploadedFile>()
    for (const { fieldName, file } of this.#files) files.append(fieldName, file)
    return { fields: new QueryDict(this.#fields).frozen(), files }
  }

  /** Waits while the parser, or a file behind it, is full. */
  async #write(chunk: Buffer): Promise<void> {
    this.#received += chunk.length
    const limit = this.#settings.dataUploadMaxMemorySize
    if (limit !== null && this.#received - this.#fileBytes > limit + overheadBytes) throw dataTooBig()
    const written = new Promise<void>((resolve) => this.#parser.write(chunk, () => resolve()))
    await Promise.race([written, this.#failed])
  }

  #addField(name: string | undefined, value: string, cut: boolean): void {
    const limit = this.#settings.dataUploadMaxMemorySize
    this.#fieldBytes += Buffer.byteLength(value) + Buffer.byteLength(name ?? '') + 2
    if (cut || (limit !== null && this.#fieldBytes > limit)) this.#fail(dataTooBig())
    else if (name !== undefined && name !== '') this.#fields.push([name, value])
  }

  #takeFile(fieldName: string | undefined, stream: BusboyFileStream, fileName: string, type: string): void {
    // The parser reports a body that ends inside the file here and nowhere else.
    stream.on('error', (error) => this.#fail(malformed(error)))
    this.#streams.add(stream)
    const task = this.#readFile(fieldName ?? '', stream, fileName, type)
    this.#tasks.push(task)
    task.catch((error: unknown) => {
      stream.resume()
      this.#fail(error)
    })
  }

  async #readFile(fieldName: string, stream: BusboyFileStream, rawName: string | undefined, type: string) {
    const name = safeFileName(rawName ?? '')
    const content = await this.#receive(stream)
    if (stream.truncated) throw new RequestDataTooBig('A file exceeded settings.fileUploadMaxSize.')
    // A file field that was left empty comes as a part without a name.
    if (name === '' || fieldName === '') {
      if (!Buffer.isBuffer(content)) await this.#close(content)
      return
    }
    this.#files.push({ fieldName, file: new UploadedFile({ name, contentType: type, fieldName }, content) })
  }

  async #receive(stream: BusboyFileStream): Promise<Buffer | SpoolFile> {
    const chunks: Buffer[] = []
    let size = 0
    let spool: SpoolFile | null = null
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length
      this.#countFileBytes(chunk.length)
      if (spool === null && size > this.#settings.fileUploadMaxMemorySize) {
        spool = await this.#openSpool()
        for (const earlier of chunks.splice(0)) await spool.append(earlier)
      }
      if (spool === null) chunks.push(chunk)
      else await spool.append(chunk)
    }
    return spool ?? Buffer.concat(chunks, size)
  }

  /** One that is made while the form is given up is closed at once. */
  async #openSpool(): Promise<SpoolFile> {
    const spool = await this.#makeSpoolFile()
    if (this.#discarded) {
      await spool.close()
      throw new MultiPartParserError('The form was given up')
    }
    this.#open.add(spool)
    return spool
  }

  #countFileBytes(bytes: number): void {
    this.#fileBytes += bytes
    const limit = this.#settings.fileUploadMaxSize
    if (limit !== null && this.#fileBytes > limit) {
      throw new RequestDataTooBig('The files of a request exceeded settings.fileUploadMaxSize.')
    }
  }

  async #close(spool: SpoolFile): Promise<void> {
    this.#open.delete(spool)
    await spool.close()
  }

  /** Ends whatever waits for more: nothing is open afterwards. */
  async #discard(): Promise<void> {
    this.#discarded = true
    for (const stream of this.#streams) stream.destroy()
    this.#parser.destroy()
    await Promise.allSettled(this.#tasks)
    for (const spool of this.#open) await spool.close().catch(() => undefined)
  }
}

async function* guarded(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* body
  } catch (error) {
    throw new UnreadablePostError(error)
  }
}

function checkBoundary(contentType: string): void {
  const match = /;\s*boundary=(?:"([^"]*)"|([^;\s]*))/i.exec(contentType)
  const boundary = match?.[1] ?? match?.[2] ?? ''
  if (!/^[ -~]{0,199}[!-~]$/.test(boundary)) {
    throw new MultiPartParserError(
      'Invalid boundary in multipart: it has 1 to 200 printable ASCII characters',
    )
  }
}

function malformed(error: unknown): MultiPartParserError {
  const reason = error instanceof Error ? error.message : String(error)
  return new MultiPartParserError(`Malformed multipart body: ${reason}`, { cause: error })
}

function dataTooBig(): RequestDataTooBig {
  return new RequestDataTooBig('Request body exceeded settings.dataUploadMaxMemorySize.')
}

function tooManyFiles(): TooManyFilesSent {
  return new TooManyFilesSent('The number of files exceeded settings.dataUploadMaxNumberFiles.')
}

import type { Environ } from '../../gateway/application.ts'
import { TempFile } from '../../io/files/temp-file.ts'
import type { SettingValues } from '../conf/setting-values.ts'
import { BadRequest } from '../exceptions.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import { MultipartForm, type FormContent } from './multipart-form.ts'
import { MultiValueDict } from './multi-value-dict.ts'
import { QueryDict } from './query-dict.ts'
import type { RequestBody } from './request-body.ts'

const noFields = new QueryDict().frozen()

/** The form of one request: read once, from the body of that, and let go of with its files. */
export class RequestForm {
  readonly #environ: Environ
  readonly #settings: SettingValues
  readonly #body: RequestBody
  #content: FormContent | null
  #loading: Promise<FormContent> | null = null

  /** A request that can have none has an empty one at once. */
  constructor(environ: Environ, settings: SettingValues, body: RequestBody) {
    this.#environ = environ
    this.#settings = settings
    this.#body = body
    const type = mediaTypeOf(environ)
    const form = type === 'multipart/form-data' || type === 'application/x-www-form-urlencoded'
    const mayCome = environ.REQUEST_METHOD.toUpperCase() === 'POST' && form && !body.isEmpty
    this.#content = mayCome ? null : emptyForm()
  }

  /** Null until it has been read. */
  get content(): FormContent | null {
    return this.#content
  }

  /** @throws MultiPartParserError, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent, UnreadablePostError */
  read(): MaybePromise<FormContent> {
    if (this.#content !== null) return this.#content
    if (this.#loading !== null) return this.#loading
    this.#loading = this.#load()
    // A view may answer without waiting for it, and its failure then is nobody's.
    this.#loading.catch(() => undefined)
    return this.#loading
  }

  async #load(): Promise<FormContent> {
    try {
      const multipart = mediaTypeOf(this.#environ) === 'multipart/form-data'
      this.#content = multipart ? await this.#multipart() : await this.#urlencoded()
    } catch (error) {
      // An error page may look at POST: it is empty then, and nobody parses again.
      this.#content = emptyForm()
      throw error
    }
    return this.#content
  }

  async #multipart(): Promise<FormContent> {
    const folder = this.#settings.fileUploadTempDir
    const type = this.#environ.CONTENT_TYPE ?? ''
    const form = new MultipartForm(type, this.#settings, () => TempFile.create(folder))
    const present = this.#body.present
    return form.parse(present === null ? this.#body.stream() : once(present))
  }

  async #urlencoded(): Promise<FormContent> {
    assertUtf8(this.#environ.CONTENT_TYPE ?? '')
    const text = (await this.#body.bytes()).toString('utf8')
    const fields = QueryDict.parse(text, this.#settings.dataUploadMaxNumberFields)
    return { fields, files: new MultiValueDict() }
  }

  /** Also while it is on its way: a view may have answered without waiting for it. */
  get holdsFiles(): boolean {
    return this.#content === null ? this.#loading !== null : this.#content.files.size > 0
  }

  /** Gives back what it holds on disk. */
  async close(): Promise<void> {
    const content = this.#content ?? (await this.#loading?.catch(() => null))
    for (const file of content?.files.all() ?? []) await file.close()
  }
}

/** In lower case, without its parameters; '' when there is none. */
export function mediaTypeOf(environ: Environ): string {
  const value = environ.CONTENT_TYPE ?? ''
  const semicolon = value.indexOf(';')
  return (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toLowerCase()
}

/**
 * The type has no parameters and its bytes are UTF-8 (URL Standard, section 5). A sender who says another charset means
 * other letters than would be read, and nobody would see it but whoever reads them later.
 *
 * @throws BadRequest
 */
function assertUtf8(contentType: string): void {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1]
  if (charset === undefined || /^utf-?8$/i.test(charset)) return
  throw new BadRequest('A form of the type application/x-www-form-urlencoded has to be in UTF-8')
}

const emptyForm = (): FormContent => ({ fields: noFields, files: new MultiValueDict() })

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  if (bytes.length > 0) yield bytes
}

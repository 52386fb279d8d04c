import type { ResponseBody } from '../../gateway/application.ts'
import { iriToUri } from './percent.ts'
import { OutgoingResponse, type ResponseInit } from './outgoing-response.ts'
import { assertRedirectScheme } from './url-safety.ts'

/** Text is encoded as UTF-8. */
export type Content = string | Uint8Array

/** A response whose whole body is in memory: it can be read, added to and replaced until it is sent. */
export class HttpResponse extends OutgoingResponse {
  readonly streaming: boolean = false
  #text: string | null
  #bytes: Buffer | null

  constructor(content: Content = '', init: ResponseInit = {}) {
    super(init)
    this.#text = typeof content === 'string' ? content : null
    this.#bytes = typeof content === 'string' ? null : bufferOf(content)
  }

  /** The body's bytes. */
  get content(): Buffer {
    this.#bytes ??= Buffer.from(this.#text ?? '')
    return this.#bytes
  }

  set content(content: Content) {
    this.#text = typeof content === 'string' ? content : null
    this.#bytes = typeof content === 'string' ? null : bufferOf(content)
  }

  /** The body's bytes as text. */
  get text(): string {
    return this.#text ?? this.content.toString('utf8')
  }

  get contentLength(): number {
    return this.content.length
  }

  /** Appends to the body. */
  write(content: Content): void {
    this.content =
      typeof content === 'string' && this.#text !== null
        ? this.#text + content
        : Buffer.concat([this.content, bufferOf(content)])
  }

  override body(): ResponseBody {
    return [this.content]
  }
}

function bufferOf(content: Content): Buffer {
  if (typeof content === 'string') return Buffer.from(content)
  return Buffer.isBuffer(content)
    ? content
    : Buffer.from(content.buffer, content.byteOffset, content.byteLength)
}

/** A response to somewhere else, by 302 unless a kin says otherwise. */
export class HttpResponseRedirect extends HttpResponse {
  /** @throws DisallowedRedirect for a scheme other than http, https and ftp */
  constructor(redirectTo: string, init: ResponseInit = {}) {
    super('', { ...init, status: init.status ?? 302 })
    assertRedirectScheme(redirectTo)
    this.headers.set('Location', iriToUri(redirectTo))
  }

  get url(): string {
    return this.headers.get('Location') ?? ''
  }
}

/** 301: the address has changed for good. */
export class HttpResponsePermanentRedirect extends HttpResponseRedirect {
  constructor(redirectTo: string, init: ResponseInit = {}) {
    super(redirectTo, { ...init, status: 301 })
  }
}

/** 304: no body and no type. */
export class HttpResponseNotModified extends HttpResponse {
  constructor(init: ResponseInit = {}) {
    super('', { ...init, status: 304 })
    this.headers.delete('Content-Type')
  }
}

/** 400: the request makes no sense. */
export class HttpResponseBadRequest extends HttpResponse {
  constructor(content: Content = '', init: ResponseInit = {}) {
    super(content, { ...init, status: 400 })
  }
}

/** 403: not for this visitor. */
export class HttpResponseForbidden extends HttpResponse {
  constructor(content: Content = '', init: ResponseInit = {}) {
    super(content, { ...init, status: 403 })
  }
}

/** 404: nothing is there. */
export class HttpResponseNotFound extends HttpResponse {
  constructor(content: Content = '', init: ResponseInit = {}) {
    super(content, { ...init, status: 404 })
  }
}

/** 405, with the methods that are allowed. */
export class HttpResponseNotAllowed extends HttpResponse {
  constructor(permittedMethods: readonly string[], content: Content = '', init: ResponseInit = {}) {
    super(content, { ...init, status: 405 })
    this.headers.set('Allow', permittedMethods.join(', '))
  }
}

/** 410: it was there and will not come back. */
export class HttpResponseGone extends HttpResponse {
  constructor(content: Content = '', init: ResponseInit = {}) {
    super(content, { ...init, status: 410 })
  }
}

/** 500: the fault is the site's. */
export class HttpResponseServerError extends HttpResponse {
  constructor(content: Content = '', init: ResponseInit = {}) {
    super(content, { ...init, status: 500 })
  }
}

/** `data` as JSON. */
export class JsonResponse extends HttpResponse {
  /** @throws TypeError for data that JSON has no form for: undefined, a function, a cycle, a bigint */
  constructor(data: unknown, init: ResponseInit & { readonly indent?: number } = {}) {
    const { indent, ...rest } = init
    const json = JSON.stringify(data, null, indent) as string | undefined
    if (json === undefined) throw new TypeError('JsonResponse: the data has no form in JSON')
    super(json, { contentType: 'application/json', ...rest })
  }
}

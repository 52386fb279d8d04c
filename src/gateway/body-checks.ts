/** What an application returned or yielded, looked at before it is used; and the sentences about what it is not. */
import { describeValue } from './describe-value.ts'
import { WsgiError } from './wsgi-error.ts'

export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

export function isIterable(body: unknown): body is Iterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.iterator in body && !ArrayBuffer.isView(body)
}

export function isAsyncIterable(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}

export function hasClose(body: unknown): body is { close(): unknown } {
  return typeof body === 'object' && body !== null && 'close' in body && typeof body.close === 'function'
}

/** @throws WsgiError WSGI_BAD_CHUNK. */
export function checkChunk(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  const hint =
    typeof chunk === 'string' ? 'encode it: Buffer.from(text)' : 'a body is made of Buffer or Uint8Array'
  throw new WsgiError('WSGI_BAD_CHUNK', `a piece of the body is ${describeValue(chunk)}; ${hint}`)
}

/** @throws WsgiError WSGI_BAD_EXC_INFO. */
export function checkExcInfo(excInfo: unknown): void {
  if (typeof excInfo === 'object' && excInfo !== null && 'error' in excInfo) return
  throw new WsgiError(
    'WSGI_BAD_EXC_INFO',
    `startResponse got ${describeValue(excInfo)} as excInfo; write an object: { error }`,
  )
}

export function noStartResponse(): WsgiError {
  return new WsgiError(
    'WSGI_NO_START_RESPONSE',
    'the application gave a body before it called startResponse(status, headers)',
  )
}

/** About something that is neither an iterable nor an async iterable of bytes. */
export function badBody(body: unknown): WsgiError {
  return new WsgiError('WSGI_BAD_BODY', bodyMessage(body))
}

function bodyMessage(body: unknown): string {
  if (typeof body === 'string') {
    return 'the application returned a bare string, which would be sent character by character; return a list: [Buffer.from(text)]'
  }
  if (ArrayBuffer.isView(body)) {
    return 'the application returned bare bytes, which would be sent one number at a time; return a list: [buffer]'
  }
  return `the application returned ${describeValue(body)}; return a list of Buffers, a generator or an async generator`
}

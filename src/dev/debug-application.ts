/** Shows what an application throws, where production has nothing but a 500. */
import type { Application, Environ, ResponseBody, StartResponse } from '../gateway/application.ts'
import { failureOf } from './app-failure.ts'
import { failurePage } from './failure-page.ts'

/** A response that has begun is left to the server, which breaks it off. */
export function debugApplication(application: Application, roots: readonly string[]): Application {
  return (environ, startResponse) => {
    const answer = (error: unknown): Uint8Array[] => showError(error, environ, startResponse, roots)
    try {
      const body = application(environ, startResponse)
      return body instanceof Promise
        ? body.then((late) => shown(late, answer)).catch(answer)
        : shown(body, answer)
    } catch (error) {
      return answer(error)
    }
  }
}

/** A generator runs when its first chunk is asked for: until then nothing of the response has left. */
function shown(body: ResponseBody, answer: (error: unknown) => Uint8Array[]): ResponseBody {
  if (!('next' in body) || 'close' in body) return body
  return Symbol.asyncIterator in body ? shownLater(body, answer) : shownAtOnce(body, answer)
}

function* shownAtOnce(
  body: Iterable<Uint8Array>,
  answer: (error: unknown) => Uint8Array[],
): Generator<Uint8Array> {
  try {
    yield* body
  } catch (error) {
    yield* answer(error)
  }
}

async function* shownLater(
  body: AsyncIterable<Uint8Array>,
  answer: (error: unknown) => Uint8Array[],
): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (error) {
    yield* answer(error)
  }
}

function showError(
  error: unknown,
  environ: Environ,
  startResponse: StartResponse,
  roots: readonly string[],
): Uint8Array[] {
  const failure = failureOf(error, roots)
  const accept = environ['HTTP_ACCEPT']
  const { contentType, body } = failurePage(failure, typeof accept === 'string' ? accept : '')
  environ['wsgi.errors'].write(`${environ.REQUEST_METHOD} ${environ.PATH_INFO}: ${failure.stack}\n`)
  // throws the error itself where the head has left
  startResponse(
    '500 Internal Server Error',
    [
      ['Content-Type', contentType],
      ['Content-Length', String(body.length)],
      ['Cache-Control', 'no-store'],
    ],
    { error },
  )
  return [body]
}

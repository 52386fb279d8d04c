/** Shows what an application throws, where production has nothing but a 500. */
import type { Application, Environ, ResponseBody, StartResponse } from '../gateway/application.ts'
import { failureOf } from './app-failure.ts'
import { failurePage } from './failure-page.ts'

/** A response that has begun is left to the server, which breaks it off. */
export function debugApplication(application: Application, roots: readonly string[]): Application {
  return (environ, startResponse) => {
    const answer = (error: unknown): ResponseBody => showError(error, environ, startResponse, roots)
    try {
      const body = application(environ, startResponse)
      return body instanceof Promise ? body.catch(answer) : body
    } catch (error) {
      return answer(error)
    }
  }
}

function showError(
  error: unknown,
  environ: Environ,
  startResponse: StartResponse,
  roots: readonly string[],
): ResponseBody {
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

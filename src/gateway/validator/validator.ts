/**
 * Stands between a server and an application and looks at both, in the manner of Python's wsgiref.validate: what it
 * finds is thrown as a WsgiError with a sentence that says what is wrong and what would be right, at the place where
 * it was done. Nothing of the request or the response is changed. For development and tests: it costs time.
 */
import type { Application, Environ, ErrorStream, InputStream, StartResponse } from '../application.ts'
import { isPromise } from '../body-checks.ts'
import { describeValue } from '../describe-value.ts'
import { checkedBody } from './checked-body.ts'
import { CheckedResponse } from './checked-response.ts'
import { CheckedErrors, CheckedInput, withoutExtras } from './checked-streams.ts'
import { checkEnviron } from './environ-rules.ts'
import { rule } from './rule.ts'

/** The same application, looked at. */
export function validator(application: Application): Application {
  rule(
    typeof application === 'function',
    `validator got ${describeValue(application)}; an application is a function (environ, startResponse)`,
  )
  return (...args: unknown[]) => {
    rule(
      args.length === 2,
      `the server called the application with ${args.length} arguments; it takes environ and startResponse`,
    )
    const [environ, startResponse] = args
    checkEnviron(environ)
    rule(
      typeof startResponse === 'function',
      `the server passed ${describeValue(startResponse)} as startResponse; it has to be a function`,
    )
    const response = new CheckedResponse(startResponse as StartResponse, environ.REQUEST_METHOD === 'HEAD')
    wrapStreams(environ)
    const body: unknown = application(environ as Environ, (...given: unknown[]) => response.start(given))
    return isPromise(body) ? body.then((value) => checkedBody(value, response)) : checkedBody(body, response)
  }
}

function wrapStreams(environ: Record<string, unknown>): void {
  const input = new CheckedInput(environ['wsgi.input'] as InputStream, environ.CONTENT_LENGTH)
  environ['wsgi.input'] = withoutExtras('wsgi.input', input)
  environ['wsgi.errors'] = withoutExtras(
    'wsgi.errors',
    new CheckedErrors(environ['wsgi.errors'] as ErrorStream),
  )
}

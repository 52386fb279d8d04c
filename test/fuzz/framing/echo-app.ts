/** An application that answers with what it saw of the request. */
import type { Application } from '../../../src/gateway/application.ts'
import { digest, encodeSeen, sortedFields } from './seen.ts'

/** Those the front writes itself. */
const OWN = new Set([
  'HTTP_HOST',
  'HTTP_CONNECTION',
  'HTTP_EXPECT',
  'HTTP_KEEP_ALIVE',
  'HTTP_TE',
  'HTTP_UPGRADE',
])

export const application: Application = (environ, startResponse) =>
  (async function* () {
    let body = ''
    for await (const bytes of environ['wsgi.input']) body += Buffer.from(bytes).toString('latin1')
    const fields = Object.entries(environ).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' && !OWN.has(name) && (name.startsWith('HTTP_') || name === 'CONTENT_TYPE')
        ? [[name, value]]
        : [],
    )
    const seen = encodeSeen({
      method: String(environ.REQUEST_METHOD),
      target: String(environ['REQUEST_URI']),
      fields: sortedFields(fields),
      body: digest(body),
    })
    startResponse('200 OK', [
      ['Content-Type', 'text/plain'],
      ['X-Seen', seen],
    ])
    yield Buffer.from(seen)
  })()

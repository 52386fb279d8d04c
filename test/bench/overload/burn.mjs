/** Some 3 ms of OpenSSL's work for each page, the same as in burn.py; the probe costs nothing. */
import { pbkdf2Sync } from 'node:crypto'

const ITERATIONS = 20_000
const page = Buffer.from('done\n')
const well = Buffer.from('well\n')

export function application(environ, startResponse) {
  const body = environ.PATH_INFO === '/probe' ? well : page
  if (body === page) pbkdf2Sync('page', 'salt', ITERATIONS, 32, 'sha256')
  startResponse('200 OK', [
    ['Content-Type', 'text/plain'],
    ['Content-Length', String(body.length)],
  ])
  return [body]
}

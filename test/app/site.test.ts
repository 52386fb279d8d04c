import { expect, it } from 'vitest'
import { Site } from '../../src/app/site.ts'
import type { Environ } from '../../src/gateway/application.ts'

it.each([
  ['plain text', 'error', 'request abc: plain text'],
  ['[warn] Not Found: /x', 'warn', 'request abc: Not Found: /x'],
  ['[warn] [abc] Not Found: /x', 'warn', 'request abc: Not Found: /x'],
  ['[info] [other] text', 'info', 'request abc: [other] text'],
  ['[loud] text', 'error', 'request abc: [loud] text'],
  ['[error] a\x1b[31mb', 'error', 'request abc: a\\x1b[31mb'],
])('a line of wsgi.errors %j is logged as %s', (line, level, text) => {
  const lines: [string, string][] = []
  const site = new Site({
    application: () => [],
    log: { log: (name, message) => lines.push([name, message]) },
    multiprocess: false,
  })
  site.logLine({ REQUEST_ID: 'abc' } as unknown as Environ, line)
  expect(lines).toEqual([[level, text]])
})

const looped = Object.assign(new Error('one'), { cause: new Error('other') })
looped.cause.cause = looped

it.each([
  [
    'an error that is its own cause',
    looped,
    /^error: request -: GET \/: Error: one\n[^]*caused by Error: other/,
  ],
  ['an object without a prototype', Object.create(null), /^error: request -: GET \/: threw /],
  [
    'call sites for a stack',
    Object.assign(new Error('x'), { stack: [] }),
    /^error: request -: GET \/: Error: x$/,
  ],
  [
    'a stack that throws',
    Object.defineProperty(new Error('x'), 'stack', { get: refuse }),
    /^error: request -: GET \/: Error: x$/,
  ],
])('%s is logged, too', (_name, thrown: unknown, text) => {
  const lines: string[] = []
  const log = { log: (name: string, message: string) => void lines.push(`${name}: ${message}`) }
  const site = new Site({ application: () => [], log, multiprocess: false })
  const environ = { REQUEST_METHOD: 'GET', SCRIPT_NAME: '', PATH_INFO: '/' } as unknown as Environ
  site.onApplicationError(thrown, environ)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(text)
})

function refuse(): never {
  throw new Error('not to be had')
}

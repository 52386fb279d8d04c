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

/** A clock that is set, a leap second, the end of summer time: whoever waits or measures reads the monotonic clock. */
import { describe, expect, it } from 'vitest'
import { readdirSync, readFileSync } from 'node:fs'

const SRC = new URL('../src/', import.meta.url)
const ROOMS = ['app', 'cli', 'front', 'gateway', 'io', 'process', 'protocol', 'util']

/** They write a date, or compare with one that somebody else wrote: into a log, a field, a cookie, a certificate. */
const DATED = new Set([
  'app/http-response.ts',
  'front/client-connection.ts',
  'front/configured-headers.ts',
  'front/gzip-acceptance.ts',
  'front/headless-request.ts',
  'front/modules/secure-link.ts',
  'front/modules/ssi/ssi.ts',
  'front/modules/ssl.ts',
  'front/modules/userid.ts',
  'front/response-head.ts',
  'front/subrequest.ts',
  'front/upstream/health/compile-health.ts',
  'front/upstream/sticky.ts',
  'front/user-id.ts',
  'front/variables.ts',
  'io/error-logger.ts',
  'io/syslog.ts',
])

function sources(room: string): string[] {
  return readdirSync(new URL(`${room}/`, SRC), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${room}/${name}`)
}

describe('the time of day', () => {
  const readers = ROOMS.flatMap(sources).filter((file) =>
    /\bDate\.now\(|\bnew Date\(\)/.test(readFileSync(new URL(file, SRC), 'utf8')),
  )

  it('is read by nobody who waits: only where a date is written or compared', () => {
    expect(readers.filter((file) => !DATED.has(file))).toEqual([])
  })

  it('is read by all who are excused', () => {
    expect([...DATED].filter((file) => !readers.includes(file))).toEqual([])
  })
})

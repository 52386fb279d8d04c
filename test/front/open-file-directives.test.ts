import { describe, expect, it } from 'vitest'
import { FrontHarness } from '../support/front-harness.ts'

function faultOf(line: string): string | undefined {
  try {
    new FrontHarness(`${line} server { root html; }`).close()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

describe('open_file_cache', () => {
  it.each([
    ['open_file_cache off;'],
    ['open_file_cache max=1000 inactive=20s;'],
    ['open_file_cache inactive=1m max=1;'],
    ['open_file_cache max=1;'],
    ['open_file_cache max=1 off;'],
    ['open_file_cache_valid 30s;'],
    ['open_file_cache_min_uses 2;'],
    ['open_file_cache_errors on;'],
  ])('takes %s', (line) => {
    expect(faultOf(line)).toBeUndefined()
  })

  it.each([
    ['open_file_cache max=0;', 'invalid "open_file_cache" parameter "max=0"'],
    ['open_file_cache max=many;', 'invalid "open_file_cache" parameter "max=many"'],
    ['open_file_cache max=1 inactive=soon;', 'invalid "open_file_cache" parameter "inactive=soon"'],
    ['open_file_cache inactive=20s;', '"open_file_cache" must have the "max" parameter'],
    ['open_file_cache on;', 'invalid "open_file_cache" parameter "on"'],
    ['open_file_cache max=1; open_file_cache max=2;', '"open_file_cache" directive is duplicate'],
  ])('refuses %s', (line, message) => {
    expect(faultOf(line)).toContain(message)
  })
})

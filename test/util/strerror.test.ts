import { describe, expect, it } from 'vitest'
import { strerror } from '../../src/util/strerror.ts'

function failure(code: string, errno?: number): Error {
  return Object.assign(new Error(`${code}: prose, open 'x'`), { code, errno })
}

describe('strerror', () => {
  it.each([
    [failure('ENOENT', -2), '2: No such file or directory'],
    [failure('EADDRINUSE', -98), '98: Address already in use'],
    [failure('EADDRINUSE', -48), '48: Address already in use'],
    [failure('EACCES'), '13: Permission denied'],
    [failure('ERR_SOMETHING'), "ERR_SOMETHING: prose, open 'x'"],
    [failure('constructor'), "constructor: prose, open 'x'"],
    [new Error('plain'), 'plain'],
    ['a string', 'a string'],
  ])('%s', (error, expected) => {
    expect(strerror(error)).toBe(expected)
  })
})

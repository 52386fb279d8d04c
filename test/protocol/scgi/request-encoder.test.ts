import { describe, expect, it } from 'vitest'
import { encodeRequest } from '../../../src/protocol/scgi/request-encoder.ts'
import { codeOf } from '../../contract/feeds.ts'
import { headers, netstring } from './netstring.ts'

const CASES: [name: string, params: string[], written: string[]][] = [
  [
    'puts CONTENT_LENGTH in front',
    ['A', 'b', 'CONTENT_LENGTH', '7'],
    ['CONTENT_LENGTH', '7', 'SCGI', '1', 'A', 'b'],
  ],
  ['says 0 without a body', ['A', '\xff'], ['CONTENT_LENGTH', '0', 'SCGI', '1', 'A', '\xff']],
  ['says 0 for an empty length', ['CONTENT_LENGTH', ''], ['CONTENT_LENGTH', '0', 'SCGI', '1']],
  ['has one SCGI, whatever the conf says', ['SCGI', '9', 'SCGI', '1'], ['CONTENT_LENGTH', '0', 'SCGI', '1']],
]

describe('encodeRequest', () => {
  it.each(CASES)('%s', (_, params, written) => {
    expect(encodeRequest(params).toString('latin1')).toBe(netstring(headers(...written)).toString('latin1'))
  })

  it.each([
    ['SCGI_NUL', ['A', 'b\0C\0d']],
    ['SCGI_NUL', ['A\0', 'b']],
    ['SCGI_NAME_EMPTY', ['', 'b']],
  ])('throws %s for %j', (code, params) => {
    let thrown = ''
    try {
      encodeRequest(params)
    } catch (error) {
      thrown = codeOf(error)
    }
    expect(thrown).toBe(code)
  })
})

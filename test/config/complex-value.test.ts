import { describe, expect, it } from 'vitest'
import { parseComplexValue, type ValuePart } from '../../src/config/complex-value.ts'
import { ConfigError } from '../../src/config/config-error.ts'

function brief(part: ValuePart): string {
  return part.kind === 'literal' ? part.text : part.kind === 'capture' ? `<${part.group}>` : `<${part.name}>`
}

describe('complex value', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['plain', ['plain']],
    ['$uri', ['<uri>']],
    ['${uri}', ['<uri>']],
    ['a${uri}b', ['a', '<uri>', 'b']],
    ['$uri/$host', ['<uri>', '/', '<host>']],
    ['$uri$host', ['<uri>', '<host>']],
    ['$a-b', ['<a>', '-b']],
    ['$1x$9', ['<1>', 'x', '<9>']],
    ['$10', ['<1>', '0']],
    ['$0', ['<0>']],
    ['${1}', ['<1>']],
    ['$HTTP_Host', ['<http_host>']],
    ['{$a}', ['{', '<a>', '}']],
    ['\xe4$a\xff', ['\xe4', '<a>', '\xff']],
  ])('%j', (source, expected) => {
    expect(parseComplexValue(source).parts.map(brief)).toEqual(expected)
  })

  it.each([
    ['$', 'invalid variable name'],
    ['a$', 'invalid variable name'],
    ['$-', 'invalid variable name'],
    ['$$a', 'invalid variable name'],
    ['${', 'invalid variable name'],
    ['${}', 'invalid variable name'],
    ['$\xe4', 'invalid variable name'],
    ['${a', 'the closing bracket in "a" variable is missing'],
    ['${a-b}', 'the closing bracket in "a" variable is missing'],
    ['${-}', 'the closing bracket in "" variable is missing'],
  ])('refuses %j', (source, message) => {
    expect(() => parseComplexValue(source)).toThrow(new ConfigError(message))
  })

  it('keeps the value that needs no evaluation, and the source', () => {
    expect(parseComplexValue('a/b')).toMatchObject({ constant: 'a/b', source: 'a/b' })
    expect(parseComplexValue('')).toMatchObject({ constant: '' })
    expect(parseComplexValue('$a').constant).toBeUndefined()
    expect(parseComplexValue('$A').parts).toEqual([{ kind: 'variable', name: 'a', written: 'A' }])
  })
})

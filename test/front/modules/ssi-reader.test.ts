import { describe, expect, it } from 'vitest'
import { SsiReader, type SsiToken } from '../../../src/front/modules/ssi/command-reader.ts'

/** Tokens with neighbouring text joined, as `text`, `<name a=b>` and `!message`. */
function read(pieces: readonly string[], maxValue = 255): string[] {
  const reader = new SsiReader(maxValue)
  const shown: string[] = []
  const show = (token: SsiToken): void => {
    if (token.kind === 'command')
      shown.push(`<${[token.name, ...token.params.map(({ name, value }) => `${name}=${value}`)].join(' ')}>`)
    else if (token.kind === 'error') shown.push(`!${token.message}`)
    else if (shown.at(-1)?.startsWith('"')) shown[shown.length - 1] += token.bytes.toString()
    else shown.push(`"${token.bytes.toString()}`)
  }
  for (const piece of pieces) {
    reader.feed(Buffer.from(piece))
    for (let token = reader.next(); token; token = reader.next()) show(token)
  }
  const rest = reader.rest()
  if (rest.length > 0) show({ kind: 'text', bytes: rest })
  return shown
}

const PAGES: readonly (readonly [page: string, expected: readonly string[]])[] = [
  ['plain <b>text</b>', ['"plain <b>text</b>']],
  ['a<!--#echo var="x" -->b', ['"a', '<echo var=x>', '"b']],
  [`<!--# set  var = "x"\tvalue='a "b"' --><!--#else-->`, ['<set var=x value=a "b">', '<else>']],
  ['<<!--<!-- #x --><!-#<!--#y -->', ['"<<!--<!-- #x --><!-#', '<y>']],
  ['<!--#echo var="a\\"b" -->', ['<echo var=a\\"b>']],
  ['a<!--', ['"a<!--']],
  ['a<!--#echo var="x', ['"a']],
  [
    '<!--#echo var=x -->b',
    ['!unexpected "x" symbol before value of "var" parameter in "echo" SSI command', '"b'],
  ],
  ['<!--#echo va-r="x" -->', ['!unexpected "-" symbol after "va" parameter in "echo" SSI command']],
  [
    '<!--#echo var="x"y -->',
    ['!unexpected "y" symbol after "x" value of "var" parameter in "echo" SSI command'],
  ],
  ['<!--#a - -->b', ['!unexpected " " symbol in "a" SSI command', '"b']],
]

describe('SSI commands', () => {
  it.each(PAGES)('are read from %s', (page, expected) => {
    expect(read([page])).toEqual(expected)
  })

  it.each(PAGES)('are read byte by byte from %s', (page, expected) => {
    expect(read([...page])).toEqual(expected)
  })

  it('have values of bounded length', () => {
    expect(read(['<!--#echo var="1234567" -->'], 5)).toEqual([
      '!too long "123456..." value of "var" parameter in "echo" SSI command',
    ])
    expect(read([`<!--#${'n'.repeat(33)} -->`])).toEqual([
      `!the "${'n'.repeat(33)}..." SSI command is too long`,
    ])
  })
})

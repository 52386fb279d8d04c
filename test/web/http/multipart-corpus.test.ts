/**
 * Multipart forms as the suite of defnull/multipart has them, in requests of our own making. Where that parser has it
 * otherwise, the row says how: ours is lenient where Django is, and never takes one part for two.
 */
import { describe, expect, it } from 'vitest'
import { defineSettings } from '../../../src/entry/web.ts'
import { MultiPartParserError } from '../../../src/web/exceptions.ts'
import { MultipartForm } from '../../../src/web/http/multipart-form.ts'

type Fields = readonly (readonly [name: string, values: readonly string[]])[]
interface Read {
  readonly fields: Fields
  /** Of field, name, size. */
  readonly files: readonly (readonly [field: string, name: string, size: number])[]
}
type Expected = Read | 'refused'

const settings = defineSettings({})
const TYPE = 'multipart/form-data; boundary=boundary'

async function read(body: string, contentType = TYPE): Promise<Expected> {
  try {
    const form = new MultipartForm(contentType, settings, () =>
      Promise.reject(new Error('nothing is as large')),
    )
    const { fields, files } = await form.parse(once(Buffer.from(body, 'latin1')))
    return {
      fields: [...fields.lists()].map(([name, values]) => [name, [...values]] as const),
      files: [...files.lists()].flatMap(([field, all]) =>
        all.map(({ name, size }) => [field, name, size] as const),
      ),
    }
  } catch (error) {
    if (!(error instanceof MultiPartParserError)) throw error
    return 'refused'
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes)
}

const part = (head: string, value = 'val'): string => `--boundary\r\n${head}\r\n\r\n${value}\r\n`
const form = (disposition: string): string => `${part(`Content-Disposition: ${disposition}`)}--boundary--\r\n`
const A = 'Content-Disposition: form-data; name="a"'
const file = (name: string): string => form(`form-data; name="a"; ${name}`)

const field = (value = 'val', name = 'a'): Read => ({ fields: [[name, [value]]], files: [] })
const upload = (name: string): Read => ({ fields: [], files: [['a', name, 3]] })
const NOTHING: Read = { fields: [], files: [] }

const ROWS: readonly (readonly [what: string, body: string, expected: Expected, otherwise?: string])[] = [
  ['nothing', '', 'refused'],
  ['the last delimiter alone', '--boundary--', NOTHING],
  ['more behind the last delimiter', `${form('form-data; name="a"')}epilogue\r\n${part(A, 'late')}--boundary--`, field(), 'refused when it is strict'],
  ['a preamble', `preamble\r\n${form('form-data; name="a"')}`, field(), 'refused when it is strict'],
  ['two bytes before the first delimiter', `ll\r\n${form('form-data; name="a"')}`, field()],
  ['something before the delimiter on its line', 'junk--boundary--', 'refused'],
  ['a delimiter that ends in LF', `--boundary\n${A}\r\n\r\nval\r\n--boundary--`, NOTHING, 'refused: here it is a part without a name, which nobody gets'],
  ['LF alone, everywhere', form('form-data; name="a"').replaceAll('\r\n', '\n'), 'refused'],
  ['LF between the lines of its head', `--boundary\r\n${A}\nX: y\r\n\r\nval\r\n--boundary--`, NOTHING, 'refused: here the disposition is one that is none'],
  ['a line that goes on', part('Content-Disposition: form-data;\r\n\tname="a"') + '--boundary--', field(), 'refused when it is strict'],
  ['a line that goes on, at once', part(`\tX: y\r\n${A}`) + '--boundary--', field(), 'refused'],
  ['a line without colon', part(`no-colon\r\n${A}`) + '--boundary--', NOTHING, 'refused: here it is a part without a name'],
  ['a line without name', part(`:x\r\n${A}`) + '--boundary--', NOTHING, 'refused: here it is a part without a name'],
  ['a blank in a field name', part(`in valid: x\r\n${A}`) + '--boundary--', field(), 'refused'],
  ['bytes that are no UTF-8', part(`X: \xc3\x28\r\n${A}`) + '--boundary--', field(), 'refused'],
  ['another disposition', form('mixed; name="a"'), NOTHING, 'refused'],
  ['no name', form('form-data;'), NOTHING],
  ['a name without value', form('form-data; name'), NOTHING, 'a field with an empty name'],
  ['an empty name', form('form-data; name=""'), NOTHING, 'a field with an empty name'],
  ['a name without quotes', form('form-data; name=a'), field()],
  ['another case', form('FORM-DATA; NAME="a"'), field()],
  ['a blank before the semicolon', form('form-data ; name="a"'), field()],
  ['a percent escape in the name', form('form-data; name="a%22b"'), field('val', 'a%22b'), 'unescaped, as browsers mean it; Django leaves it'],
  ['a backslash in the name', form('form-data; name="a\\"b"'), field('val', 'a"b')],
  ['a file', file('filename="t.txt"'), upload('t.txt')],
  ['a file without name', file('filename=""'), NOTHING, 'a file with an empty name; in a browser nothing was chosen'],
  ['the file name first', form('form-data; filename="t.txt"; name="a"'), upload('t.txt')],
  ['a path of Windows', file('filename="C:\\test\\t.txt"'), upload('t.txt')],
  ['a share of Windows', file('filename="\\\\srv\\t.txt"'), upload('t.txt')],
  ['a path upwards', file('filename="../../etc/x"'), upload('x')],
  ['a quote in a file name', file('filename="a\\"b.txt"'), upload('a"b.txt')],
  ['UTF-8 in a file name', file('filename="t\xc3\xa4st.txt"'), upload('t\u00e4st.txt')],
  ['an encoded file name', file("filename*=utf-8''t%C3%A4.txt"), upload('t\u00e4.txt')],
  ['no last delimiter', part(A), 'refused'],
  ['no last delimiter behind a file', `--boundary\r\n${A}; filename="t"\r\n\r\nval`, 'refused'],
  ['no line end before the last delimiter', `--boundary\r\n${A}\r\n\r\nval--boundary--`, 'refused'],
  ['no line end before a delimiter', `--boundary\r\n${A}\r\n\r\nabc--boundary\r\nX: y\r\n--boundary--`, field('abc--boundary\r\nX: y')],
  ['a delimiter with blanks behind it', `--boundary  \r\n${A}\r\n\r\nval\r\n--boundary  --\r\n`, 'refused'],
  ['the end in its head', '--boundary\r\nX: y\r\n--boundary--', NOTHING, 'refused'],
  ['a length of its own', part(`${A}\r\nContent-Length: 10`) + '--boundary--', field(), 'refused: here only the delimiter counts'],
  ['line ends in it', part(A, 'a\r\n\r\nb\r\n') + '--boundary--', field('a\r\n\r\nb\r\n')],
  ['nothing in it', part(A, '') + '--boundary--', field('')],
  ['one name twice', `${part(A, '1')}${part(A, '2')}--boundary--`, { fields: [['a', ['1', '2']]], files: [] }],
  ['another charset', part(`${A}\r\nContent-Type: text/plain; charset=iso-8859-1`, '\xe4') + '--boundary--', field('\u00e4')],
] // prettier-ignore

describe('a form with', () => {
  it.each(ROWS.map(([what, body, expected]) => [what, body, expected] as const))(
    '%s',
    async (_, body, expected) => {
      expect(await read(body)).toEqual(expected)
    },
  )

  it.each(['', '; boundary=', '; boundary=""', '; boundary="a\nb"', `; boundary=${'x'.repeat(201)}`])(
    'the boundary %j is refused',
    async (parameter) => {
      expect(await read(form('form-data; name="a"'), `multipart/form-data${parameter}`)).toBe('refused')
    },
  )
})

import { describe, expect, it } from 'vitest'
import { Lexer, type Token } from '../../src/config/lexer.ts'

function tokens(text: string): Token[] {
  const lexer = new Lexer(text)
  const all: Token[] = []
  for (;;) {
    const token = lexer.next()
    all.push(token)
    if (token.kind === 'end' || token.kind === 'error') return all
  }
}

/** Words with their quotes shown: `a "b"` for a bare and a quoted one. */
function brief(token: Token): string {
  switch (token.kind) {
    case 'statement':
    case 'block': {
      const words = token.words.map((word) => (word.quoted ? JSON.stringify(word.text) : word.text))
      return `${token.line}: ${words.join(' ')} ${token.kind === 'block' ? '{' : ';'}`
    }
    case 'close':
      return `${token.line}: }`
    case 'end':
      return `${token.line}: end`
    case 'error':
      return `${token.line}: [${token.message}]`
  }
}

const EXPECTING = 'unexpected end of file, expecting ";" or "}"'

const CASES: readonly [name: string, text: string, expected: readonly string[]][] = [
  ['nothing', '', ['1: end']],
  ['white space and comments only', ' \t\r\n# x\n #y', ['3: end']],
  ['statement', 'a b c;', ['1: a b c ;', '1: end']],
  ['line is that of the terminator', 'a\nb\n;\n', ['3: a b ;', '4: end']],
  ['block', 'a b{}c{', ['1: a b {', '1: }', '1: c {', '1: end']],
  ['CRLF', 'a b;\r\nc;\r\n', ['1: a b ;', '2: c ;', '3: end']],
  ['vertical tab and form feed are no white space', 'a\vb\fc;', ['1: a\vb\fc ;', '1: end']],
  ['comment needs white space before it', 'a#b c; #d', ['1: a#b c ;', '1: end']],
  ['comment between words', 'a #x ; {\n b;', ['2: a b ;', '2: end']],
  ['closing brace inside a word', 'a b};', ['1: a b} ;', '1: end']],
  ['quoted words', `a "b c" 'd;{' "";`, ['1: a "b c" "d;{" "" ;', '1: end']],
  ['the other quote in quotes', `a "it's" '"';`, [`1: a "it's" "\\"" ;`, '1: end']],
  ['quotes inside a bare word are its own', `a b"c'd;`, [`1: a b"c'd ;`, '1: end']],
  ['quoted word over lines', 'a "b\nc";', ['2: a "b\\nc" ;', '2: end']],
  ['quoted name', '"a" b;', ['1: "a" b ;', '1: end']],
  ['escapes that count', String.raw`a \t\r\n\"\'\\;`, ['1: a \t\r\n"\'\\ ;', '1: end']],
  [
    'other backslashes stay',
    String.raw`a \.php$ \d+ b\;c \{;`,
    [String.raw`1: a \.php$ \d+ b\;c \{ ;`, '1: end'],
  ],
  ['escaped space', String.raw`a b\ c;`, [String.raw`1: a b\ c ;`, '1: end']],
  ['escaped quote in quotes', String.raw`a "b\"c";`, ['1: a "b\\"c" ;', '1: end']],
  ['double backslash before a quote', String.raw`a "b\\";`, [String.raw`1: a "b\\" ;`, '1: end']],
  ['escaped line feed counts as a line', 'a b\\\nc "\\\n";', ['3: a b\\\nc "\\\\\\n" ;', '3: end']],
  ['variable in braces', 'a ${b}c${d}{', ['1: a ${b}c${d} {', '1: end']],
  ['variable in braces at the start of a name', '${a};', ['1: ${a} ;', '1: end']],
  ['braces after the dollar, as nginx', 'a ${{b;', ['1: a ${{b ;', '1: end']],
  ['brace after a variable without braces opens', 'a $b{', ['1: a $b {', '1: end']],
  ['dollar and brace with a space between', 'a $ {', ['1: a $ {', '1: end']],
  ['brace in quotes after a dollar', 'a "${" b;', ['1: a "${" b ;', '1: end']],
  ['escaped dollar does not take the brace', 'a \\${', ['1: a \\$ {', '1: end']],
  ['bracket right after a quoted word', 'if ("a"){', ['1: if ("a") {', '1: end']],
  ['quoted word, then a bracket', 'if ( $a = "b"){', ['1: if ( $a = "b" ) {', '1: end']],
  ['text after a closing quote', 'a\n"b"c;', ['2: [unexpected "c"]']],
  ['closing brace after a closing quote', 'a "b"}', ['1: [unexpected "}"]']],
  ['comment after a closing quote', 'a "b"#;', ['1: [unexpected "#"]']],
  ['terminator without words', 'a;\n;', ['1: a ;', '2: [unexpected ";"]']],
  ['opening brace without words', '{', ['1: [unexpected "{"]']],
  ['closing brace after words', 'a\n b }', ['2: [unexpected "}"]']],
  ['end after a word', 'a', [`1: [${EXPECTING}]`]],
  ['end after words and space', 'a b \n', [`2: [${EXPECTING}]`]],
  ['end in a comment of a statement', 'a # b;', [`1: [${EXPECTING}]`]],
  ['end in quotes', 'a "b;\n\n', [`3: [${EXPECTING}]`]],
  ['end right after a closing quote', 'a "b"', [`1: [${EXPECTING}]`]],
  ['end after a backslash', 'a b\\', [`1: [${EXPECTING}]`]],
  ['end after a backslash in quotes', 'a "b\\', [`1: [${EXPECTING}]`]],
  ['NUL in a word', 'a;\nb\0c;', ['1: a ;', '2: [unexpected NUL byte]']],
  ['NUL in quotes', 'a "\0";', ['1: [unexpected NUL byte]']],
  ['NUL in a comment', '#\0\na;', ['2: a ;', '2: end']],
  ['NUL in a comment, then in a word', '#\0\na; #\0\n b\0;', ['2: a ;', '3: [unexpected NUL byte]']],
  ['byte order mark in bytes', '\xef\xbb\xbfa;', ['1: [unexpected byte order mark]']],
  ['byte order mark decoded', '\ufeffa;', ['1: [unexpected byte order mark]']],
  ['UTF-16', '\xff\xfea\0;\0', ['1: [unexpected NUL byte]']],
  ['8-bit bytes are parts of words', 'a \xe4\xff;', ['1: a \xe4\xff ;', '1: end']],
]

describe('lexer', () => {
  it.each(CASES)('%s', (_, text, expected) => {
    expect(tokens(text).map(brief)).toEqual(expected)
  })

  // the byte after 4096 must be needed: a word that the file's end or a `;` cuts in time passes
  const long = (count: number): string => 'a'.repeat(count)
  const started = '[too long parameter "aaaaaaaaaa..." started]'
  it.each([
    ['4095 bytes and ";"', `x ${long(4095)};`, undefined],
    ['4096 bytes and ";"', `x\n${long(4096)};\n`, `2: ${started}`],
    ['4094 bytes and a space', `x ${long(4094)} y;`, undefined],
    ['4095 bytes and a space', `x ${long(4095)} y;`, `1: ${started}`],
    ['quoted 4093 bytes and a space', `x "${long(4093)}" y;`, undefined],
    ['quoted 4094 bytes and a space', `x "${long(4094)}" y;`, `1: ${started}`],
    ['quoted 4094 bytes and ";"', `x "${long(4094)}";`, undefined],
    ['quoted 4095 bytes and ";"', `x "${long(4095)}";`, `1: ${started}`],
    [
      'open quote',
      `x\n"b\n${long(5000)}`,
      '2: [too long parameter, probably missing terminating """ character]',
    ],
    [
      'open apostrophe',
      `x 'b;${long(5000)}`,
      `1: [too long parameter, probably missing terminating "'" character]`,
    ],
    ['comment', `#${long(9000)}\nx;`, undefined],
  ])('length: %s', (_, text, expected) => {
    const last = tokens(text).at(-1)
    expect(last && brief(last)).toEqual(expected ?? expect.stringMatching(/end$/))
  })
})

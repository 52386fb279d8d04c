import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/config/config-error.ts'
import { Pcre } from '../../src/config/pcre.ts'
import { describeWithPeer } from '../support/peer.ts'

/** Pattern, subject, groups from the whole match on; null for no match. A pattern with a leading `~*` is caseless. */
const MATCHES: readonly [pattern: string, subject: string, groups: readonly (string | undefined)[] | null][] =
  [
    // what confs hold
    ['\\.php$', '/a.php', ['.php']],
    ['\\.php$', '/a.php5', null],
    ['~*\\.(gif|jpe?g)$', '/A.JPG', ['.JPG', 'JPG']],
    ['^/u/(?<user>[^/]+)/(.*)$', '/u/ann/x/y', ['/u/ann/x/y', 'ann', 'x/y']],
    ['^/(?!static/)(.+)', '/static/a', null],
    ['^(www\\.)?(.+)$', 'example.org', ['example.org', undefined, 'example.org']],
    ['^/[\\w-]+/\\d{4,}$', '/a-b/2024', ['/a-b/2024']],
    // positions
    ['a$', 'a\n', ['a']],
    ['a\\Z', 'a\n', ['a']],
    ['a\\z', 'a\n', null],
    ['a$', 'a\nb', null],
    ['(?m)^b$', 'a\nb\nc', ['b']],
    ['(?m)^$', 'a\n', null],
    ['\\Ab', 'a\nb', null],
    // bytes
    ['^.$', '\n', null],
    ['(?s)^.$', '\n', ['\n']],
    ['^.$', '\r', ['\r']],
    ['^\\s+$', ' \t\n\v\f\r', [' \t\n\v\f\r']],
    ['^\\s$', '\xa0', null],
    ['^\\h\\H\\v\\V$', '\xa0a\x85b', ['\xa0a\x85b']],
    ['^\\w$', '\xe4', null],
    ['~*\xe4', '\xc4', null],
    ['~*[a-c]', 'B', ['B']],
    ['~*[^b]', 'B', null],
    ['~*^[[:upper:]][[:^lower:]]$', 'a1', ['a1']],
    ['^\\R$', '\r\n', ['\r\n']],
    ['^\\R\\n$', '\r\n', null],
    ['^\\x41\\103\\x{45}\\o{107}\\cA\\e\\a$', 'ACEG\x01\x1b\x07', ['ACEG\x01\x1b\x07']],
    ['^\\Qa.b*\\E+$', 'a.b**', ['a.b**']],
    ['^[]a]+$', 'a]', ['a]']],
    ['^[^]]$', ']', null],
    ['^[a\\-z]$', 'b', null],
    ['^[[:alpha:]_[:digit:]]+$', 'a_1', ['a_1']],
    ['^[\\Q^]\\E]+$', '^]', ['^]']],
    ['a{,b}{x', 'a{,b}{x', ['a{,b}{x']],
    // options
    ['(?i)a(?-i)b', 'Ab', ['Ab']],
    ['(?i)a(?-i)b', 'AB', null],
    ['(a(?i)b|c)', 'C', ['C', 'C']],
    ['((?i)a)b', 'AB', null],
    ['(?i:a)b', 'Ab', ['Ab']],
    ['(?x) a b # c\n c', 'abc', ['abc']],
    ['(?x)[ ]', ' ', [' ']],
    ['(?U)a+', 'aa', ['a']],
    ['(?n)(a)(?<n>b)', 'ab', ['ab', 'b']],
    ['a(?#x)b', 'ab', ['ab']],
    ['(?i)(?^)a', 'A', null],
    // properties of bytes
    ['^www\\p{N}+$', 'www7', ['www7']],
    ['^\\p{N}+', '\xb2\xbd', ['\xb2\xbd']],
    ['^\\p{Nd}', '\xb2', null],
    ['^\\pL+', 'a\xaa\xb5\xc0', ['a\xaa\xb5\xc0']],
    ['^\\PL+', '1\xd7a', ['1\xd7']],
    ['^\\p{^Lu}', 'A', null],
    ['^\\P{^Lu}', 'A', ['A']],
    ['^[\\p{Ll}\\d-]+', 'a1-B', ['a1-']],
    ['~*^\\p{Lu}', 'a', null],
    ['^\\p{L&}+', 'aB\xaa', ['aB']],
    ['^\\p{Any}\\p{Sc}', '\n\xa5', ['\n\xa5']],
    // groups
    ["(?P<a>x)(?'b'y)(?<c>z)", 'xyz', ['xyz', 'x', 'y', 'z']],
    ['(a|b)\\1', 'abb', ['bb', 'b']],
    ['(?<q>["\'])x\\k<q>', `'x"x'x'`, [`'x'`, "'"]],
    ['^(a)\\g{-1}\\g1$', 'aaa', ['aaa', 'a']],
    ['^(a)\\10$', 'a\b', ['a\b', 'a']],
    ['^(?>a+)a', 'aaa', null],
    ['^(a)(?>(b)|bc)(c)$', 'abc', ['abc', 'a', 'b', 'c']],
    ['^a++b(c)', 'aabc', ['aabc', 'c']],
    ['^[^/]*+/', 'ab/', ['ab/']],
    ['^a*+a', 'aaa', null],
    ['(?<=/|\\?)a', '?a', ['a']],
    ['(?<!ab|c)d', 'cd', null],
    // rounds
    ['^(?:(\\w)/)+$', 'a/b/', ['a/b/', 'b']],
    ['^(a*)?b', 'b', ['b', '']],
    ['(?:(?=(a))|b)?', 'a', ['', 'a']],
    ['(?:|a)?', 'a', ['']],
    ['(?:|a)??b', 'ab', ['ab']],
  ]

function compile(written: string): Pcre {
  return written.startsWith('~*') ? new Pcre(written.slice(2), { caseless: true }) : new Pcre(written)
}

describe('patterns of PCRE', () => {
  it.each(MATCHES)('%j on %j', (pattern, subject, groups) => {
    const match = compile(pattern).exec(subject)
    expect(match && [...match]).toEqual(groups)
    expect(compile(pattern).test(subject)).toBe(groups !== null)
  })

  it('names its groups', () => {
    const pcre = new Pcre('(a)(?<one>b)(?>c)(?P<Two>d)')
    expect([pcre.groups, [...pcre.names]]).toEqual([
      3,
      [
        ['one', 2],
        ['Two', 3],
      ],
    ])
  })

  it('leaves the RegExp alone where all groups agree', () => {
    expect(new Pcre('^/(a|b)/([0-9]+)').regexp.source).toBe('^\\/(a|b)\\/([0-9]+)')
  })
})

describe('what a RegExp cannot mean', () => {
  it.each([
    ['(?:(a)|b)*', 'a repeated part with a group that some rounds do not set', '*'],
    ['(a*)*', 'a repeated part that can match nothing', '*'],
    ['(?:a|)+', 'a repeated part that can match nothing', '+'],
    ['(a)?\\1', 'a back reference to a group that may be unset', '\\1'],
    ['(a)|b\\1', 'a back reference to a group that may be unset', '\\1'],
    ['(a\\1)', 'a back reference to a group that may be unset', '\\1)'],
    ['\\1(a)', 'a back reference to a group that may be unset', '\\1(a)'],
    ['(?i)(a)\\1', 'a back reference without regard to case', '\\1'],
    ['(?<=a++)b', 'an atomic or possessive part in a look-behind', '++)b'],
    ['(?|(a)|(b))', 'groups cannot share a number: (?|', '(?|(a)|(b))'],
    ['(?(1)a|b)', 'conditional groups are not supported', '(?(1)a|b)'],
    ['(a)(?1)', 'a group cannot be called as a subroutine', '(?1)'],
    ['a(?R)?', 'a group cannot be called as a subroutine', '(?R)?'],
    ['(?<n>a)(?&n)', 'a group cannot be called as a subroutine', '(?&n)'],
    ["(a)\\g'1'", 'a group cannot be called as a subroutine', "\\g'1'"],
    ['a(?C)b', 'callouts are not supported', '(?C)b'],
    ['(*UTF8)a', '(*VERBS) are not supported', '(*UTF8)a'],
    ['a(*SKIP)b', '(*VERBS) are not supported', '(*SKIP)b'],
    ['(?J)(?<a>b)', 'groups cannot share a name: (?J)', 'J)(?<a>b)'],
    ['a\\Kb', '\\K moves the start of the match', '\\Kb'],
    ['\\Ga', '\\G asks where the search began', '\\Ga'],
    ['\\p{Greek}', '\\p{Greek} needs Unicode tables', '\\p{Greek}'],
    ['\\X', '\\X needs Unicode tables', '\\X'],
    ['[[:<:]]a', '[[:<:]] and [[:>:]] are word boundaries', '[[:<:]]a'],
    ['a{,3}', '{,n} means different things to different releases of PCRE2: write {0,n}', '{,3}'],
    ['\u20ac', 'it is not Latin-1', '\u20ac'],
  ])('%j', (pattern, reason, rest) => {
    const text = `regular expression "${pattern}" is not supported by this server: ${reason} at "${rest}"`
    expect(() => new Pcre(pattern)).toThrow(new ConfigError(text))
  })
})

/** Patterns that PCRE2 refuses; the texts are its own, which the test below compares. */
const FAULTS: readonly string[] = [
  '(',
  'a)',
  '(a',
  '(?<n>a',
  '[a',
  '[]',
  '[^]',
  '*',
  'a**',
  'a{2}{3}',
  '^*',
  '(?i)*',
  'a|*',
  '\\',
  'a{2,1}',
  'a{65536}',
  '[z-a]',
  '[a-\\d]',
  '[\\d-z]',
  '[[:foo:]]',
  '[:alpha:]',
  '[.a.]',
  '[[.a.]]',
  '[\\B]',
  '[\\z]',
  '[\\N]',
  '\\i',
  '[\\y]',
  '\\1',
  '\\k<n>',
  '\\k',
  '\\g',
  '\\x{g}',
  '\\x{100}',
  '\\o{8}',
  '\\o',
  '\\400',
  '\\c',
  '\\c\xe4',
  '\\U',
  '(?<1>a)',
  '(?<>a)',
  '(?<a',
  '(?<a>b)(?<a>c)',
  '(?z)',
  '(?i-s-m)',
  '(?#',
  '(?<=a*)b',
  '(?<=a|b?)c',
  '(?<=\\R)c',
  `(?<${'n'.repeat(33)}>a)`,
]

describe('faults', () => {
  it('name the place', () => {
    expect(() => new Pcre('a(b')).toThrow(
      new ConfigError('pcre2_compile() failed: missing closing parenthesis in "a(b"'),
    )
    const order = 'pcre2_compile() failed: range out of order in character class in "[z-a]x" at "a]x"'
    expect(() => new Pcre('[z-a]x')).toThrow(new ConfigError(order))
  })

  it.each(FAULTS)('%j', (pattern) => {
    expect(() => new Pcre(pattern)).toThrow(/^pcre2_compile\(\) failed: /)
  })

  it('end deep nesting', () => {
    expect(() => new Pcre('('.repeat(2000) + ')'.repeat(2000))).toThrow('parentheses are too deeply nested')
  })
})

interface Case {
  readonly pattern: string
  readonly caseless: boolean
  readonly subjects: readonly string[]
}

interface Answer {
  readonly error?: string
  readonly offset?: number
  readonly matches?: readonly (readonly (string | null)[] | null)[]
}

describeWithPeer('python3', 'as libpcre2-8 itself', (python) => {
  const oracle = new URL('../support/pcre2-oracle.py', import.meta.url).pathname

  function ask(cases: readonly Case[]): Answer[] {
    const input = JSON.stringify(cases)
    const { stdout, stderr, status } = spawnSync(python, [oracle], { input, maxBuffer: 1 << 28 })
    if (status !== 0) throw new Error(String(stderr))
    return JSON.parse(String(stdout)) as Answer[]
  }

  it('on the table above', () => {
    const cases = MATCHES.map(([written, subject]) => ({
      pattern: written.replace(/^~\*/, ''),
      caseless: written.startsWith('~*'),
      subjects: [subject],
    }))
    const expected = MATCHES.map(([, , groups]) => ({
      matches: [groups && groups.map((group) => group ?? null)],
    }))
    expect(ask(cases)).toEqual(expected)
  })

  it('on the faults above', () => {
    const answers = ask(FAULTS.map((pattern) => ({ pattern, caseless: false, subjects: [] })))
    const texts = FAULTS.map((pattern, index) => {
      const { error = 'taken', offset = 0 } = answers[index] ?? {}
      const rest = pattern.slice(offset)
      return `pcre2_compile() failed: ${error} in "${pattern}"${rest === '' ? '' : ` at "${rest}"`}`
    })
    expect(FAULTS.map(refusal)).toEqual(texts)
  })

  it('on patterns made up', () => {
    const cases = fc.sample(someCase, { numRuns: 3000, seed: 20 })
    const answers = ask(cases)
    const tried = cases.flatMap((one, index) => compare(one, answers[index] ?? {}))
    expect(tried.filter((outcome) => outcome !== 'agreed')).toEqual([])
    // most made-up patterns are faults; enough of them must be none
    expect(tried.length).toBeGreaterThan(5000)
  })
})

function refusal(pattern: string): string {
  try {
    new Pcre(pattern)
    return 'taken'
  } catch (error) {
    return error instanceof ConfigError ? error.message : String(error)
  }
}

/** An outcome for each subject, none where we refuse what has no RegExp or both refuse it. */
function compare({ pattern, caseless, subjects }: Case, answer: Answer): string[] {
  let pcre: Pcre
  try {
    pcre = new Pcre(pattern, { caseless })
  } catch (error) {
    if (!(error instanceof ConfigError)) return [`${pattern}: ${String(error)}`]
    const excused = answer.error !== undefined || error.message.startsWith('regular expression')
    return excused ? [] : [`${pattern}: refused, ${error.message}`]
  }
  if (!answer.matches) return [`${pattern}: taken, PCRE2: ${answer.error ?? ''}`]
  return answer.matches.map((expected, index) => {
    const subject = subjects[index] ?? ''
    const match = pcre.exec(subject)
    // an unset group and an empty one are the same to a variable
    const ours = JSON.stringify(match && Array.from(match, (group) => group ?? ''))
    const theirs = JSON.stringify(expected && expected.map((group) => group ?? ''))
    return ours === theirs ? 'agreed' : `${pattern} on ${JSON.stringify(subject)}: ${ours}, PCRE2 ${theirs}`
  })
}

const atom = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c', '.', '\\w', '[ab]') },
  fc.constantFrom(
    ...[
      'A',
      '\\d',
      '\\W',
      '\\s',
      '\\S',
      '\\h',
      '\\H',
      '\\v',
      '\\V',
      '\\R',
      '\\N',
      '[^a]',
      '[a-c]',
      '[[:alpha:]]',
    ],
    ...[
      '[^[:upper:]b]',
      '[\\w-]',
      '[\\d.]',
      '[]a]',
      '[a-]',
      '\\.',
      '\\x61',
      '\\141',
      '\\n',
      '\n',
      '\\Qa.b\\E',
      '\\10',
    ],
    ...[
      '\\1',
      '\\2',
      '\\g{-1}',
      '\\k<n>',
      '\xe4',
      '[\xe0-\xff]',
      '[[:^lower:]]',
      '{',
      '}',
      ']',
      '\\cA',
      '\\o{141}',
    ],
    ...[
      '[\\b]',
      '[\\x00-\\x20]',
      '\\b',
      '\\B',
      '^',
      '$',
      '\\A',
      '\\z',
      '\\Z',
      '(?#x)',
      '(?i)',
      '(?-i)',
      '(?s)',
      '(?m)',
    ],
    ...['(?x)', '(?U)', ' ', '#', '(?^)', '(?n)', '\\-', '[a-b-c]', '[\\Qa-c\\E]', '[a\\]b]'],
  ),
)
const quantifier = fc.oneof(
  { weight: 5, arbitrary: fc.constant('') },
  fc.constantFrom(
    '*',
    '+',
    '?',
    '*?',
    '+?',
    '??',
    '*+',
    '++',
    '?+',
    '{2}',
    '{1,2}',
    '{0,2}',
    '{2,}',
    '{1,2}?',
    '{2}+',
    '{0}',
  ),
)
const opening = fc.constantFrom(
  '(',
  '(',
  '(?:',
  '(?:',
  '(?>',
  '(?=',
  '(?!',
  '(?<=',
  '(?<!',
  '(?<n>',
  '(?i:',
  '(?s-i:',
)
const { expression } = fc.letrec<{ expression: string; item: string }>((tie) => ({
  item: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(atom, quantifier).map((parts) => parts.join('')),
    fc
      .tuple(
        opening,
        tie('expression'),
        fc.oneof(
          fc.constant(''),
          tie('expression').map((other) => `|${other}`),
        ),
        quantifier,
      )
      .map(([open, body, other, count]) => `${open}${body}${other})${count}`),
  ),
  expression: fc.array(tie('item'), { minLength: 1, maxLength: 4 }).map((items) => items.join('')),
}))
const subject = fc
  .array(
    fc.constantFrom(
      'a',
      'b',
      'c',
      'A',
      'B',
      '1',
      '\n',
      '\r\n',
      ' ',
      '.',
      '-',
      '\xe4',
      '\xc4',
      '_',
      '\x85',
      'aa',
    ),
    { maxLength: 7 },
  )
  .map((parts) => parts.join(''))
const someCase: fc.Arbitrary<Case> = fc.record({
  pattern: expression,
  caseless: fc.boolean(),
  subjects: fc.array(subject, { minLength: 8, maxLength: 8 }),
})

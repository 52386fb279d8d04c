import type { Json, TemplateCase } from '../support/cases.ts'

/** Every filter is given every one of these, with each of its arguments. */
const VALUES: readonly Json[] = [
  null, true, false, 0, 1, 2, -3, 42, 3.14159, 34.26, 0.5, 1e-7, 123456789, '', 'a', 'abc',
  'Joel\'s <b>slug</b> & "co"', { $safe: '<i>safe</i> & \'x\'' }, '  some  text\nwith lines\r\nand more  ',
  'ÄÖÜ ßtraße éa', '3', '3.7', '-12', ' 7 ', 'héllo wörld 😀 emoji', [], [1, 2, 3], ['b', 'a', 'c'],
  ['<x>', { $safe: '<y>' }], [[1, 2], [3, 4]], {}, { a: 1, b: 'x<y' },
  [{ name: 'b', n: 2 }, { name: 'a', n: 1 }, { name: 'c', n: 3 }],
  { $date: '2024-02-29T13:05:09Z' }, { $date: '1999-12-31T00:00:00.123Z' }, { $date: '2010-07-04T12:00:00Z' },
  { $thing: { name: 'N<' } }, 'http://example.com/a?b=c&d=e', 'see www.example.com, or (mail me@example.org).',
  '<p>one <b>two</b> three</p> four', '1st JOE\'S place 2ND', 'x\ty "q" \\ back', { $number: 'nan' },
  { $number: 'inf' }, { $number: '-inf' }, '0800-COLLECT', '<script>alert("x")</script>', 'a-b_c d--e',
  '日本語 テスト', "it's", 'İstanbul ŞİŞLİ', 'ﬁ ŉ ǆ', -0.5, 1000000, 1024, 1536, 1048576, 2.5, -1.25, '😀😀😀',
  { $safe: 'a;b&amp;c' }, 'e\u0301le\u0300ve', 100, 12.5e-3, 9007199254740991, 'a\u2028b\x7f',
  'https://example.com/(a_(b))/?q=a%20b&amp;c=d#f, http://müller.de/ä [www.x.org/] x@y. :http://z',
  'ΌΔΟΣ ΑΣ. ΣΑΣ', [null, true], ['', null], '12345678901234567890', '9'.repeat(400),
  '<p class="a>b">x<br/>y<!-- c --></p><<b>em>alert(1)</em>', '< b> <3 <>&lt;b&gt; </ i>',
] // prettier-ignore

/** Arguments as a template has them; `''` for none. `w`, `s`, `x`, `l`, `n` and `d` are in the context. */
const FILTERS: Readonly<Record<string, readonly string[]>> = {
  add: ['1', '"2"', '"x"', 'l', 's', 'x'],
  addslashes: [''],
  capfirst: [''],
  center: ['5', '"15"', 'w', '"x"'],
  cut: ['"a"', '" "', '";"', 's'],
  date: ['', '"Y-m-d"', '"D d M Y H:i:s"', '"N j, Y, P"', '"jS F y"', '"c"', '"r"', '"U"', '"W o z t L w n"', '"a A f g G h H i s u"', '"Y O T Z I e l"', '"\\\\d\\\\a\\\\y d"', '"SHORT_DATE_FORMAT"', '"l b E"'],
  default: ['"d<"', 'x'],
  default_if_none: ['"d<"', 'x'],
  dictsort: ['"name"', '"n"', '0', '"0"', '"zz"', '"_x"', '"a.b"'],
  dictsortreversed: ['"name"', '0'],
  divisibleby: ['3', '"2"', '0'],
  escape: [''],
  escapejs: [''],
  filesizeformat: [''],
  first: [''],
  floatformat: ['', '2', '-3', '"0"', '"2g"', '"x"', '0', 'w'],
  force_escape: [''],
  get_digit: ['1', '2', '0', '"x"'],
  iriencode: [''],
  join: ['", "', '"<br>"', 's'],
  json_script: ['"id<"', 's'],
  last: [''],
  length: [''],
  length_is: ['3', '"0"', '"x"'],
  linebreaks: [''],
  linebreaksbr: [''],
  linenumbers: [''],
  ljust: ['5', '"12"'],
  lower: [''],
  make_list: [''],
  phone2numeric: [''],
  pluralize: ['', '"es"', '"y,ies"', '"a,b,c"'],
  pprint: [''],
  rjust: ['5', '"12"'],
  safe: [''],
  safeseq: ['', '|join:", "'],
  slice: ['":2"', '"1:"', '"::2"', '"-2:"', '"::-1"', '"x"', '":"', '2', '"::0"', '"1:2:3:4"'],
  slugify: [''],
  stringformat: ['"s"', '"d"', '"05d"', '".2f"', '"r"', '"x"', '"e"', '"g"', '"-10s|"', '"+d"', '"c"', '"i"', '"10.3f"', '"E"'],
  striptags: [''],
  time: ['', '"H:i"', '"P"', '"Y"', '"TIME_FORMAT"'],
  timesince: ['d', 's'],
  timeuntil: ['d'],
  title: [''],
  truncatechars: ['5', '0', '1', '"x"', '100'],
  truncatechars_html: ['5', '0', '7', '"x"'],
  truncatewords: ['2', '0', '"x"'],
  truncatewords_html: ['2', '0', '3'],
  unordered_list: [''],
  upper: [''],
  urlencode: ['', '""', '"/:"', 'n'],
  urlize: [''],
  urlizetrunc: ['8', '15'],
  wordcount: [''],
  wordwrap: ['5', '10'],
  yesno: ['', '"y,n"', '"y<,n,m"', '"y"', 'n'],
} // prettier-ignore

const CONTEXT = { n: null, w: 8, s: '<', x: '<x>', l: [9], d: { $date: '2012-03-01T10:00:00Z' } } as const

function casesOf(name: string): TemplateCase[] {
  return (FILTERS[name] ?? []).flatMap((argument) => {
    const expression = `v|${name}${argument === '' || argument.startsWith('|') ? argument : `:${argument}`}`
    return VALUES.flatMap((v) =>
      [`{{ ${expression} }}`, `{% autoescape off %}{{ ${expression} }}{% endautoescape %}`].map(
        (template) => ({
          template,
          context: { ...CONTEXT, v },
        }),
      ),
    )
  })
}

export const filterCases: readonly (readonly [filter: string, cases: readonly TemplateCase[]])[] =
  Object.keys(FILTERS).map((name) => [name, casesOf(name)])

import type { TemplateCase } from '../support/cases.ts'

/** Where the two engines differ on purpose. */
export interface Deviation extends TemplateCase {
  readonly ours: string
  readonly reason: string
}

export const deviations: readonly Deviation[] = [
  {
    template: '{{ v|wordwrap:10 }}',
    context: { v: 'one two three\n\nfour' },
    ours: 'one two\nthree\n\nfour',
    reason: "Django 3.2.25 as Debian patched it loses empty lines; its filter's own description keeps them",
  },
  {
    template: '{{ v|striptags }}',
    context: { v: 'a <!-- b <script>c' + '</script> d' },
    ours: 'a &lt;!-- b c d',
    reason: 'after a comment that is never closed Django leaves the next tag in',
  },
  {
    template: '{{ v|striptags }}',
    context: { v: 'Tom &Jerry <b>x</b>' },
    ours: 'Tom &amp;Jerry x',
    reason:
      'Django writes a semicolon after what looks like a character reference; we take out tags and no more',
  },
  {
    template: '{{ v|striptags }}',
    context: { v: 'a <<b>script>alert(1)</script>' },
    ours: 'a alert(1)',
    reason:
      'the tag that comes about when another is taken out is taken out as well; Django takes the text after it too',
  },
  {
    template: '{{ v|urlize }}',
    context: { v: 'www.x.org/?a=1&amp;b=2.' },
    ours: '<a href="http://www.x.org/?a=1&amp;b=2" rel="nofollow">www.x.org/?a=1&amp;amp;b=2</a>.',
    reason: 'after a character reference Django repeats the end of the URL behind the link',
  },
  {
    template: '{{ v|urlize }}',
    context: { v: 'http://日本%20/' },
    ours: '<a href="http://%E6%97%A5%E6%9C%AC%20/" rel="nofollow">http://日本%20/</a>',
    reason: 'Django makes a punycode label of host names that are none',
  },
  {
    template: '{{ v|json_script:"x" }}',
    context: { v: { $number: 'nan' } },
    ours: '<script id="x" type="application/json">null</script>',
    reason: "Python's NaN is no JSON: JSON.parse would throw in the page",
  },
  {
    template: '{{ 1.0 }} {{ 2.50 }}',
    ours: '1 2.5',
    reason: 'JavaScript does not tell the float 1.0 from the integer 1',
  },
  {
    template: '{% ifchanged %}{% ifchanged %}{% else %}again{% endifchanged %}{% endifchanged %}',
    ours: '',
    reason: 'when its body gives nothing Django renders it once more, with all that it does',
  },
  {
    template: '{% if v|lower is v %}yes{% else %}no{% endif %}',
    context: { v: 'ab' },
    ours: 'yes',
    reason: 'JavaScript cannot tell equal strings apart as Python does two objects',
  },
  {
    template: '{{ v|first }}{{ v|last }}',
    context: { v: null },
    ours: '',
    reason: 'Django lets out a TypeError; there is no first element, as with an empty list',
  },
  {
    template: '{{ v|phone2numeric }}',
    context: { v: 42 },
    ours: '42',
    reason: 'Django lets out an AttributeError for what is no string',
  },
  {
    template: '{{ v|timesince:"x" }}',
    context: { v: { $date: '2020-01-01T00:00:00Z' } },
    ours: '',
    reason: 'Django lets out an AttributeError for an argument that is no date',
  },
  {
    template: '{{ v|title }}',
    context: { v: 'ᾳ' },
    ours: 'Αι',
    reason: "the letter's form for titles is not in JavaScript's data",
  },
]

/** A difference that comes with some values of the product of filters and values, and why it is none to mend. */
export function acceptedReason(test: TemplateCase, theirs: object): string | undefined {
  const filter = /\|(\w+)/.exec(test.template)?.[1]
  const value = JSON.stringify(test.context?.['v'])
  if ('exception' in theirs) return 'Django lets out an exception of Python for a value of the wrong kind'
  if (filter === 'json_script' && value.includes('$number')) return "Python's NaN and Infinity are no JSON"
  if (['pprint', 'stringformat'].includes(filter ?? '') && value.includes('$thing'))
    return 'addresses of Python objects'
  if (filter === 'floatformat' && /\d{16}/.test(value))
    return 'decimals come from the database as text, with more digits than the float that Django makes of them'
  if (filter === 'urlize' || filter === 'urlizetrunc') {
    if (value.includes('&amp;')) return 'after a character reference Django repeats the end of the URL'
  }
  if (filter === 'wordwrap' && /\\n|\u2028/.test(value)) return 'Django loses empty lines'
  if (filter === 'pprint' && value.length > 80)
    return 'Python breaks long strings into pieces of its own syntax'
  return undefined
}

/**
 * Cookies as the http-state working group's suite has them. What it expects of a browser is what a server then reads:
 * every one of its expected Cookie fields (135) is read by the front as it was meant. Applications get Python's reading,
 * which takes quotes off and keeps the last of a name.
 *
 * Not taken over: what a browser decides (Domain, Path, Secure, expiry, the dates of Expires): nothing here is a browser.
 */
import { describe, expect, it } from 'vitest'
import { cookieValue, parseCookies } from '../../src/http/cookie.ts'
import { parseCookies as parseForApplications } from '../../src/web/http/cookies.ts'

type Pairs = readonly (readonly [name: string, value: string])[]

// what, the field, the pairs, what applications get where that differs
const ROWS: readonly (readonly [what: string, header: string, pairs: Pairs, applications?: Pairs])[] = [
  ['two', 'foo1=bar; foo2=qux', [['foo1', 'bar'], ['foo2', 'qux']]],
  ['an empty value', 'a=b; x=; c=d', [['a', 'b'], ['x', ''], ['c', 'd']]],
  ['a comma', 'foo=bar, baz=qux', [['foo', 'bar, baz=qux']]],
  ['a comma in quotes', 'foo="bar, baz=qux"', [['foo', '"bar, baz=qux"']], [['foo', 'bar, baz=qux']]],
  ['quotes', 'foo="bar"', [['foo', '"bar"']], [['foo', 'bar']]],
  ['blanks in quotes', 'foo="  bar "', [['foo', '"  bar "']], [['foo', '  bar ']]],
  ['quotes and more', 'aBc="zzz "   "ppp"', [['aBc', '"zzz "   "ppp"']], [['aBc', 'zzz "   "ppp']]],
  ['a quote that does not end', 'aBc="zz', [['aBc', '"zz']]],
  ['a quote in the middle', 'aBc=A"B', [['aBc', 'A"B']]],
  ['equals signs in the value', 'A=== BC', [['A', '== BC']]],
  ['equals signs in quotes', 'foo="bar=baz"', [['foo', '"bar=baz"']], [['foo', 'bar=baz']]],
  ['UTF-8', 'foo=\xe6\x98\xa5; \xe6\x98\xa5=x', [['foo', '\xe6\x98\xa5'], ['\xe6\x98\xa5', 'x']]],
  ['names of signs', '$=1; !a=2; @a=3; #a=4; %a=5; ^a=6; &a=7; *a=8; (a=9; )a=0; +=1', [['$', '1'], ['!a', '2'], ['@a', '3'], ['#a', '4'], ['%a', '5'], ['^a', '6'], ['&a', '7'], ['*a', '8'], ['(a', '9'], [')a', '0'], ['+', '1']]],
  ['a name with a blank', 'foo bar=baz', [['foo bar', 'baz']]],
  ['a name with a quote', '"a=bar', [['"a', 'bar']]],
  ['an equals sign in a quoted name', '"a=b"=bar', [['"a', 'b"=bar']]],
  ['$Version', '$Version=1; foo=bar', [['$Version', '1'], ['foo', 'bar']]],
  ['one name four times', 'key=5; key=1; key=2; key=4', [['key', '5'], ['key', '1'], ['key', '2'], ['key', '4']], [['key', '4']]],
  ['no equals sign', 'foo', [['', 'foo']]],
  ['no name', '=a', [['', 'a']]],
  ['nothing', '=; ;;', []],
  ['tabs', '\tfoo\t=\tbar\t \t;\tttt=1', [['foo', 'bar'], ['ttt', '1']]],
] // prettier-ignore

describe('a Cookie field with', () => {
  it.each(ROWS.map(([what, ...rest]) => [what, rest] as const))(
    '%s',
    (_, [header, expected, applications]) => {
      expect(parseCookies(header).map(({ name, value }) => [name, value])).toEqual(expected)
      expect([...parseForApplications(header)]).toEqual(applications ?? expected)
    },
  )

  it('one name four times gives the first to a variable, as nginx does', () => {
    expect(cookieValue('key=5; key=1', 'KEY')).toBe('5')
  })
})

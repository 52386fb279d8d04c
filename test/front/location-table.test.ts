/** Which location answers a path: nginx's order, with nesting. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LocationTable, type PrefixLocation } from '../../src/front/location-table.ts'
import type { Location } from '../../src/front/server-config.ts'
import { FrontHarness } from '../support/front-harness.ts'

/** Blocks without content, and for each path the label of the location that is found; '-' for none, '301' to a slash. */
const TABLES: Readonly<Record<string, readonly [conf: string, found: Readonly<Record<string, string>>]>> = {
  'exact before all': [
    'location = /a { } location /a { } location ~ a { }',
    { '/a': '= /a', '/ab': '~ a', '/A': '-', '/b': '-' },
  ],
  'the longest prefix': [
    'location / { } location /a { } location /a/b/ { } location /a/bc { }',
    {
      '/': '/',
      '/x': '/',
      '/a': '/a',
      '/ab': '/a',
      '/a/b': '/a',
      '/a/b/': '/a/b/',
      '/a/b/x': '/a/b/',
      '/a/bcd': '/a/bc',
    },
  ],
  'prefixes that share letters': [
    'location /abc { } location /abd { } location /ab { } location /x { }',
    { '/a': '-', '/ab': '/ab', '/abc': '/abc', '/abd1': '/abd', '/abe': '/ab', '/xy': '/x' },
  ],
  'regular expressions in their order, before prefixes': [
    'location /a { } location ~ b$ { } location ~ ^/a { }',
    { '/ab': '~ b$', '/ac': '~ ^/a', '/b': '~ b$', '/c': '-' },
  ],
  'not after a final prefix': [
    'location ^~ /a { } location /a/b { } location ~ x { }',
    { '/ax': '^~ /a', '/a/bx': '~ x', '/a/b': '/a/b' },
  ],
  'case of regular expressions': [
    'location ~ \\.PHP$ { } location ~* \\.html$ { }',
    { '/x.PHP': '~ \\.PHP$', '/x.php': '-', '/x.HTML': '~* \\.html$' },
  ],
  'nested prefixes': [
    'location /a { location /a/b { location /a/b/c { } } location /a/d { } }',
    { '/a': '/a', '/a/b': '/a/b', '/a/b/cd': '/a/b/c', '/a/d': '/a/d', '/a/c': '/a' },
  ],
  'an exact one inside wins over regular expressions outside': [
    'location /a { location = /a/x.r { } } location ~ r$ { }',
    { '/a/x.r': '= /a/x.r', '/a/y.r': '~ r$' },
  ],
  'a regular expression inside wins over one outside': [
    'location /a { location ~ r$ { } } location ~ \\.r$ { }',
    { '/a/x.r': '~ r$', '/b.r': '~ \\.r$', '/a/x': '/a' },
  ],
  'a prefix inside loses against a regular expression outside': [
    'location /a { location /a/b { } } location ~ r$ { }',
    { '/a/b.r': '~ r$', '/a/b': '/a/b' },
  ],
  'final outside, regular expression inside': [
    'location ^~ /a { location ~ r$ { } } location ~ x { }',
    { '/a/x.r': '~ r$', '/a/x': '^~ /a' },
  ],
  'a regular expression in a regular expression': [
    'location ~ ^/a { location ~ b { } } location ~ b { }',
    { '/ab': '~ b', '/a': '~ ^/a', '/b': '~ b' },
  ],
  'a slash that is missing before an upstream': [
    'location /p/ { uwsgi_pass unix:/x; } location /q/ { } location /r { } location /r/ { uwsgi_pass unix:/x; } ' +
      'location = /s { } location /s/ { uwsgi_pass unix:/x; } location ~ ^/p { }',
    { '/p': '301', '/px': '~ ^/p', '/p/': '~ ^/p', '/q': '-', '/r': '/r', '/s': '= /s', '/s/': '/s/' },
  ],
}

describe.each(Object.entries(TABLES))('%s', (_name, [conf, found]) => {
  it('finds them', () => {
    const harness = new FrontHarness(`server { ${conf} }`)
    const { locations } = harness.point.defaultServer
    const labels = Object.keys(found).map((path) => {
      const { location, autoRedirect } = locations.find(path)
      return [path, autoRedirect ? '301' : (location?.label ?? '-')]
    })
    expect(Object.fromEntries(labels)).toEqual(found)
    harness.close()
  })
})

it('gives the groups of the expression that matched', () => {
  const harness = new FrontHarness('server { location ~ ^/(\\w+)/(\\d*)$ { } }')
  expect(harness.point.defaultServer.locations.find('/abc/12').captures).toEqual(
    expect.objectContaining({ 1: 'abc', 2: '12' }),
  )
  harness.close()
})

describe('the radix tree', () => {
  const locationOf = (prefix: string): Location => ({ label: prefix, kind: 'prefix', prefix }) as Location
  const prefixesOf = (texts: readonly string[]): PrefixLocation[] =>
    [...new Set(texts)].map((prefix) => ({ prefix, location: locationOf(prefix), final: false }))
  const path = fc
    .array(fc.constantFrom('a', 'b', '/', '\xff'), { maxLength: 8 })
    .map((parts) => `/${parts.join('')}`)

  it('finds the same as a search through all prefixes', () => {
    fc.assert(
      fc.property(
        fc.array(path, { maxLength: 12 }),
        fc.array(path, { minLength: 1, maxLength: 20 }),
        (texts, paths) => {
          const prefixes = prefixesOf(texts)
          const table = new LocationTable(new Map(), prefixes, [])
          for (const wanted of paths) {
            const matching = prefixes
              .filter(({ prefix }) => wanted.startsWith(prefix))
              .map(({ prefix }) => prefix)
            const longest = matching.sort((a, b) => b.length - a.length)[0]
            expect(table.find(wanted).location?.label).toBe(longest)
          }
        },
      ),
    )
  })

  it('costs no more with ten thousand locations than with ten', () => {
    const table = new LocationTable(
      new Map(),
      prefixesOf(Array.from({ length: 10_000 }, (_, n) => `/site/${n}/`)),
      [],
    )
    expect(table.find('/site/1234/x').location?.label).toBe('/site/1234/')
    expect(table.find('/site/123').location).toBeUndefined()
  })
})

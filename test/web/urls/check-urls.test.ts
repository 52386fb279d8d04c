import { describe, expect, test } from 'vitest'
import { checkUrls, HttpResponse, include, path, rePath, Resolver, type UrlPattern } from 'portico/web'
import { regexHazard } from '../../../src/web/urls/regex-hazard.ts'

const view = () => new HttpResponse()

/** A text that makes each of these slow; the second number is how often its middle is repeated. */
const slow: readonly (readonly [source: string, before: string, middle: string, after: string])[] = [
  ['^(a+)+$', '', 'a', '!'],
  ['^(a*)*$', '', 'a', '!'],
  ['^(?:a|a)*$', '', 'a', '!'],
  ['^(?:a|aa)*c$', '', 'a', '!'],
  ['^(?:[a-z]+-?)+$', '', 'a', '!'],
  ['^.*.*.*x$', '', 'a', ''],
  ['^\\d+\\d+\\d+x$', '', '1', ''],
  ['^([^/]+)-([^/]+)-([^/]+)/$', '', '-', ''],
  ['^(?<p>.+)/(?<q>.+)/(?<r>.+)/$', '', '/', 'x'],
  ['^(?:\\w+\\s?)*$', '', 'a', '!'],
  ['[a-z]+[0-9]$', '', 'a', '!'],
  ['/+$', '', '/', '!'],
]

const linear: readonly string[] = [
  '^$',
  '^archive/(?<year>[0-9]{4})/$',
  '^(?:[a-z]+/)*$',
  '^(?<slug>[-a-zA-Z0-9_]+)/(?<id>[0-9]+)/$',
  '^a*b*c*$',
  '^(?:a|b)*$',
  '^[^/]+/[^/]+/$',
  '^x(?:[0-9]{1,3}\\.){3}[0-9]{1,3}$',
  '^.*$',
  'anywhere',
  '^(a+)$',
  '^[0-9]+-[a-z]+$',
  '[a-z]+',
]

function timeOf(regex: RegExp, text: string): number {
  const start = process.cpuUsage()
  regex.test(text)
  const { user, system } = process.cpuUsage(start)
  return user + system
}

describe('regular expressions that take too long', () => {
  test.each(slow)('%s is found', (source) => {
    expect(regexHazard(source)).not.toBeNull()
  })

  test.each(slow)('%s really is slow', (source, before, middle, after) => {
    // Grows the text until it takes 20 ms: an honest expression would need megabytes.
    const regex = new RegExp(source)
    let length = 8
    while (length < 100_000 && timeOf(regex, before + middle.repeat(length) + after) < 20_000) length *= 1.1
    expect(length).toBeLessThan(100_000)
  })

  test.each(linear)('%s is not complained about', (source) => {
    expect(regexHazard(source)).toBeNull()
  })
})

async function ids(...urlpatterns: UrlPattern[]): Promise<string[]> {
  return checkUrls(await Resolver.load(urlpatterns)).map((warning) => warning.id)
}

describe('checkUrls', () => {
  test('finds nothing in an honest URLconf', async () => {
    const inner = [path('', view, { name: 'x' }), rePath(/^(?<year>[0-9]{4})\/$/, view)]
    expect(await ids(path('', view), path('shop/', include(inner, { namespace: 'shop' })))).toEqual([])
  })

  test.each<[string, UrlPattern[], string[]]>([
    ['a slash before a route', [path('/x/', view)], ['urls.W002']],
    ['a slash before an expression', [rePath(/^\/x\/$/, view)], ['urls.W002']],
    ['an expression in path()', [path('^x/$', view)], ['2_0.W001']],
    ['a group in path()', [path('(?P<x>a)', view)], ['2_0.W001']],
    ['an end before an include', [rePath(/^x\/$/, include([path('', view)]))], ['urls.W001']],
    ['a colon in a name', [path('', view, { name: 'a:b' })], ['urls.W003']],
    [
      'a namespace twice',
      [path('a/', include([], { namespace: 'n' })), path('b/', include([], { namespace: 'n' }))],
      ['urls.W005'],
    ],
    ['a slow expression', [rePath(/^(a+)+$/, view)], ['urls.W101']],
    ['a slow route', [path('<str:a>-<str:b>-<str:c>/', view)], ['urls.W101']],
  ])('finds %s', async (_title, patterns, expected) => {
    expect(await ids(...patterns)).toEqual(expected)
  })
})

/** What holds for every page: the policy, the files it asks for, and what people need who do not see or point. */
import { existsSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { path, type ClientResponse } from 'portico/web'
import * as urls from '../../src/demo/urls.ts'
import { demoSite, signUp, write, type DemoSite } from './support/site.ts'

let site: DemoSite
const pages = new Map<string, ClientResponse>()
const names = ['guestbook', 'signed in', 'write', 'sign in', 'sign up', 'how', 'not found', 'broken'] as const

beforeAll(async () => {
  site = await demoSite()
  const visitor = site.visitor()
  const ada = site.visitor()
  await signUp(ada, 'Ada')
  await write(ada, 'A line.')
  const failing = await demoSite({
    rootUrlconf: { ...urls, urlpatterns: [...urls.urlpatterns, path('boom/', boom)] },
  })
  pages.set('guestbook', await visitor.get('/'))
  pages.set('signed in', await ada.get('/'))
  pages.set('write', await write(ada, ''))
  pages.set('sign in', await visitor.get('/sign-in/?next=/how/'))
  pages.set('sign up', await visitor.get('/sign-up/'))
  pages.set('how', await ada.get('/how/'))
  pages.set('not found', await ada.get('/no/such/<b>page</b>/'))
  pages.set('broken', await failing.visitor().get('/boom/'))
})

function boom(): never {
  throw new Error('secret details')
}

function pageOf(name: string): ClientResponse {
  const page = pages.get(name)
  if (page === undefined) throw new Error(`no page ${name}`)
  return page
}

describe.each(names)('%s', (name) => {
  test('needs nothing inline, and says so to the browser', () => {
    const page = pageOf(name)
    expect(page.text).not.toMatch(/<style|\sstyle=|<script(?![^>]* src=)|\son[a-z]+=/)
    expect(page.header('content-security-policy')).toMatch(/default-src 'none'.*style-src 'self'/)
    expect(page.header('content-type')).toBe('text/html; charset=utf-8')
    expect(page.header('x-answered-by')).toMatch(/^application [0-9a-f]{4}$/)
  })

  test('asks only for files that there are', () => {
    const files = [...pageOf(name).text.matchAll(/(?:src|href|content)="(\/(?:static\/|favicon)[^"]*)"/g)]
    expect(files.length).toBeGreaterThan(1)
    for (const [, file = ''] of files) expect([file, existsSync(`public${file}`)]).toEqual([file, true])
  })

  test('has one heading, a language, a title, pictures with words and fields with labels', () => {
    const { text } = pageOf(name)
    expect(text.match(/<h1/g)).toHaveLength(1)
    expect(text).toMatch(/^<!doctype html>\s*<html lang="en">/)
    expect(text).toMatch(/<title>[^<]+ · Portico<\/title>/)
    for (const [picture] of text.matchAll(/<img [^>]*>/g)) expect(picture).toContain(' alt="')
    for (const [field, id] of text.matchAll(/<(?:textarea|input)[^>]* id="([^"]+)"[^>]*>/g)) {
      expect([field, text.includes(`<label for="${id}">`)]).toEqual([field, true])
    }
    const ids = [...text.matchAll(/ id="([^"]+)"/g)].map((match) => match[1])
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('closes what it opens', () => {
    const { text } = pageOf(name)
    for (const tag of [
      'div',
      'section',
      'form',
      'ul',
      'ol',
      'li',
      'p',
      'article',
      'main',
      'table',
      'span',
      'a',
    ]) {
      const opened = text.match(new RegExp(`<${tag}[\\s>]`, 'g'))?.length ?? 0
      expect([tag, text.match(new RegExp(`</${tag}>`, 'g'))?.length ?? 0]).toEqual([tag, opened])
    }
  })
})

test('statuses are what the pages say', () => {
  expect(names.map((name) => pageOf(name).status)).toEqual([200, 200, 200, 200, 200, 200, 404, 500])
})

test('a page that is not there names the address, escaped', () => {
  expect(pageOf('not found').text).toContain('<code>/no/such/&lt;b&gt;page&lt;/b&gt;/</code>')
})

test('a broken page tells nothing about what broke', () => {
  expect(pageOf('broken').text).toContain('Something broke')
  expect(pageOf('broken').text).not.toContain('secret details')
})

test('the page one is on is marked for those who cannot see it', () => {
  expect(pageOf('guestbook').text).toContain('<a href="/" aria-current="page">')
  expect(pageOf('how').text).toContain('<a href="/how/" aria-current="page">')
  expect(pageOf('how').text).not.toContain('<a href="/" aria-current')
})

/** WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}

describe('colours', () => {
  const css = readFileSync('public/static/site.css', 'utf8')
  const blocks = [...css.matchAll(/:root \{([^}]*)\}/g)].map(
    ([, body = '']) =>
      new Map([...body.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1] ?? '', m[2] ?? ''])),
  )
  const [light = new Map<string, string>(), dark = new Map<string, string>()] = blocks

  test.each([
    ['day', light],
    ['night', new Map([...light, ...dark])],
  ])('can be read by %s', (_time, colours) => {
    const of = (name: string): string => colours.get(name) ?? '#000000'
    const pairs = [
      ...['page', 'surface', 'sunken', 'sky-high', 'sky-low'].map((ground) => ['ink', ground] as const),
      ...['page', 'surface', 'sunken'].flatMap((ground) =>
        ['muted', 'accent', 'accent-strong', 'brick'].map((ink) => [ink, ground] as const),
      ),
      ['accent-ink', 'accent'] as const,
      ['accent-ink', 'accent-strong'] as const,
      ['good-ink', 'good'] as const,
      ['bad-ink', 'bad'] as const,
    ]
    const weak = pairs.filter(([ink, ground]) => contrast(of(ink), of(ground)) < 4.5)
    expect(weak).toEqual([])
    for (const ground of ['page', 'surface', 'sky-high', 'sky-low']) {
      expect(contrast(of('focus'), of(ground))).toBeGreaterThan(3)
    }
  })
})

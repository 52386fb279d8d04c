import { execFileSync } from 'node:child_process'
import { beforeAll, expect, test } from 'vitest'
import {
  Client,
  defineSettings,
  HttpResponse,
  path,
  QueryDict,
  Signer,
  TimestampSigner,
  urlHasAllowedHostAndScheme,
} from 'portico/web'
import { parseCookies } from '../../../src/web/http/cookies.ts'
import { describeWithPeer } from '../../support/peer.ts'
import { cookieHeaders, cookiesToSet, hosts, queryStrings, safeUrls, unsafeUrls } from './request-cases.ts'

interface Answers {
  readonly queries: [string, string[]][][]
  readonly cookies: Record<string, string>[]
  readonly setCookies: string[]
  readonly urls: boolean[]
  readonly hosts: (string | null)[]
  readonly signed: string
  readonly stamped: string
  readonly dumped: string
  readonly loaded: unknown[]
}

const keys = { secretKey: 'secret', secretKeyFallbacks: [] }
const urls = [...unsafeUrls, ...safeUrls]

describeWithPeer('python3', 'as Django', (python = '') => {
  let django: Answers
  const signer = new TimestampSigner(keys, 'salt')
  const objects = [{ a: 1 }, { text: 'ü'.repeat(300) }, [null, true]]

  beforeAll(() => {
    const input = JSON.stringify({
      queries: queryStrings,
      cookies: cookieHeaders,
      setCookies: cookiesToSet,
      urls,
      hosts,
      dumped: [...objects.map((object) => signer.signObject(object, true)), 'nonsense'],
    })
    const script = new URL('django-http.py', import.meta.url).pathname
    django = JSON.parse(execFileSync(python, [script], { input, encoding: 'utf8' })) as Answers
  })

  test.each(queryStrings.map((text, index) => [text, index] as const))('the query %j', (text, index) => {
    expect([...QueryDict.parse(text).lists()]).toEqual(django.queries[index])
  })

  test.each(cookieHeaders.map((text, index) => [text, index] as const))(
    'the Cookie header %j',
    (text, index) => {
      expect([...parseCookies(text)]).toEqual(Object.entries(django.cookies[index] ?? {}))
    },
  )

  test.each(cookiesToSet.map((pair, index) => [...pair, index] as const))(
    'the cookie %s=%j',
    (name, value, index) => {
      const response = new HttpResponse()
      response.setCookie(name, value, {
        path: '/x',
        domain: 'example.com',
        secure: true,
        httpOnly: true,
        sameSite: 'Lax',
      })
      expect(response.cookies.get(name)?.toString()).toBe(django.setCookies[index])
    },
  )

  test.each(urls.map((url, index) => [url, index] as const))('the URL %j', (url, index) => {
    expect(urlHasAllowedHostAndScheme(url, ['testserver'])).toBe(django.urls[index])
    // Both may be wrong.
    expect(django.urls[index]).toBe(safeUrls.includes(url))
  })

  const site = new Client(
    defineSettings({
      secretKey: 'k',
      allowedHosts: ['testserver', '.example.com', '[::1]'],
      rootUrlconf: [path('', (request) => new HttpResponse(request.getHost()))],
    }),
  )
  test.each(hosts.map((host, index) => [host, index] as const))('the Host %j', async (host, index) => {
    const response = await site.get('/', { headers: { host } })
    const expected = django.hosts[index] ?? null
    expect(response.status === 200 ? response.text : null).toBe(expected)
    if (expected === null) expect(response.status).toBe(400)
  })

  test('signatures of each verify with the other', () => {
    expect(new Signer(keys, 'salt').sign('value')).toBe(django.signed)
    expect(signer.unsign(django.stamped)).toBe('value')
    expect(signer.unsignObject(django.dumped)).toEqual({ a: 'ü'.repeat(100) })
    expect(django.loaded).toEqual([...objects, null])
  })
})

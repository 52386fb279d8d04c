/** The demo on several workers that start together on an empty folder, reached by plain HTTP. */
import { afterAll, beforeAll, expect, it, describe } from 'vitest'
import { startDemo, type DemoServer } from '../demo/support/demo-server.ts'
import { CookieClient } from '../support/cookie-client.ts'

const password = 'temple of the winds'

describe('the demo on three workers', () => {
  let demo: DemoServer

  beforeAll(async () => {
    demo = await startDemo({ workers: 3 })
  })
  afterAll(async () => {
    expect(await demo.server.stop()).toBe(0)
  })

  it('has one book, which all of them show', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const response = await fetch(`${demo.origin}/api/entries/`)
        const { entries } = (await response.json()) as { entries: { author: string }[] }
        return [
          response.headers.get('x-answered-by'),
          entries.map((entry) => entry.author).join(' '),
        ] as const
      }),
    )
    expect(new Set(answers.map(([worker]) => worker)).size).toBeGreaterThan(1)
    expect([...new Set(answers.map(([, authors]) => authors))]).toEqual([
      'Theano Plinius Herodotus Zeno Hypatia Archimedes Sappho Vitruvius',
    ])
  })

  it('knows in each worker who signed in at another', async () => {
    const client = new CookieClient(demo.origin)
    const page = await client.get('/sign-up/')
    const csrfmiddlewaretoken = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
    const form = { csrfmiddlewaretoken, username: 'Ada', password1: password, password2: password }
    expect((await client.post('/sign-up/', form)).status).toBe(302)
    for (let visit = 0; visit < 9; visit += 1) expect((await client.get('/write/')).status).toBe(200)
  })

  it('sends a stream as it is made', async () => {
    const leaving = new AbortController()
    const response = await fetch(`${demo.origin}/clock/`, { signal: leaving.signal })
    const startMs = performance.now()
    const reader = response.body?.getReader()
    const first: unknown = (await reader?.read())?.value
    expect(first).toEqual(new Uint8Array(Buffer.from('10\n')))
    expect(performance.now() - startMs).toBeLessThan(5000)
    leaving.abort()
  })

  it('gives files of the public folder only', async () => {
    for (const path of ['/static/site.css', '/favicon.ico', '/static/avatars/owl.svg']) {
      const file = await fetch(demo.origin + path)
      expect([path, file.status, file.headers.get('x-answered-by')]).toEqual([path, 200, null])
    }
    for (const path of [
      '/run/demo.sqlite3',
      '/src/demo/wsgi.ts',
      '/.git/config',
      '/static/../../run/demo.sqlite3',
    ]) {
      expect([path, (await fetch(demo.origin + path)).status]).toEqual([path, 404])
    }
  })
})

/** The demo by the conf that is shipped, through `portico` and `portico dev`, on one database. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startDemo, type DemoServer } from '../demo/support/demo-server.ts'
import { DevProcess } from '../support/dev-process.ts'

const PATHS = [
  ...[
    '/',
    '/?page=2',
    '/api/entries/',
    '/sign-in/',
    '/sign-up/',
    '/write/',
    '/none',
    '/none/',
    '/sign-in',
    '/.git/config',
  ],
  ...[
    '/static/site.css',
    '/static/none.css',
    '/static/',
    '/static',
    '/favicon.ico',
    '/static/avatars/owl.svg',
  ],
]

describe('the demo', () => {
  let demo: DemoServer
  let dev: DevProcess

  beforeAll(async () => {
    demo = await startDemo({ workers: 1 })
    dev = await DevProcess.start({ folder: demo.server.folder })
  })
  afterAll(async () => {
    await dev.stop()
    await demo.server.stop()
  })

  async function answer(origin: string, path: string): Promise<unknown> {
    const response = await fetch(origin + path, { redirect: 'manual' })
    const text = await response.text()
    const { port } = new URL(origin)
    // tokens are masked anew for every page, and a page may say how long it took
    const neutral = text
      .replaceAll(/taken [\d.]+(&nbsp;|\s)*\S+ so far/g, 'taken TIME')
      .replaceAll(/value="[A-Za-z0-9]{64}"/g, 'value="TOKEN"')
      .replaceAll(port, 'PORT')
    const location = response.headers.get('location')?.replaceAll(port, 'PORT')
    return { status: response.status, location, type: response.headers.get('content-type'), body: neutral }
  }

  it.each(PATHS)('answers %s alike', async (path) => {
    expect(await answer(dev.origin, path)).toEqual(await answer(demo.origin, path))
  })
})

/** The same demo on PostgreSQL: first start, accounts, the book, messages, and its pages. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PostgresServer, postgresPrograms } from '../web/db/support/postgres-server.ts'
import { demoSite, messagesIn, signUp, write, type DemoSite } from './support/site.ts'

describe.skipIf(postgresPrograms === null)('the demo on PostgreSQL', () => {
  const server = new PostgresServer(postgresPrograms ?? '')
  let site: DemoSite

  beforeAll(async () => {
    await server.start()
    site = await demoSite({}, server.url)
  })
  afterAll(async () => {
    await site.databases.close()
    await server.stop()
  })

  test('starts with the lines of long ago, and only once', async () => {
    const again = await demoSite({}, server.url)
    const page = await again.visitor().get('/')
    expect(page.status).toBe(200)
    expect(page.text).toContain('8 lines so far')
    await again.databases.close()
  })

  test('signs up, writes, and shows the message once', async () => {
    const ada = site.visitor()
    await signUp(ada, 'Ada')
    await ada.get('/')
    await write(ada, 'Written <on> PostgreSQL.')
    const page = await ada.get('/')
    expect(page.text).toContain('Written &lt;on&gt; PostgreSQL.')
    expect(messagesIn(page)).toHaveLength(1)
    expect(messagesIn(await ada.get('/'))).toHaveLength(0)
    expect(page.text).toContain('9 lines so far')
  })

  test('gives every page', async () => {
    const visitor = site.visitor()
    for (const path of ['/', '/?page=2']) expect((await visitor.get(path)).status).toBe(200)
    expect((await visitor.get('/nothing/')).status).toBe(404)
  })
})

/** Two machines of one site: what one counts and remembers in Valkey, the other knows. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, defineDatabases, User, type Databases } from 'portico/web'
import { firstStart } from '../../src/demo/first-start.ts'
import { demoSettings } from '../../src/demo/settings.ts'
import { readSurroundings } from '../../src/demo/surroundings.ts'
import { ValkeyServer } from '../support/valkey-server.ts'
import { password, tokenOf } from './support/site.ts'

const valkey = new ValkeyServer()
const databases: Databases = defineDatabases({ default: 'sqlite::memory:' })
let clients: [Client, Client]

beforeAll(async () => {
  await valkey.start()
  const secret = await firstStart(databases)
  await databases.run(() => User.objects.createUser({ username: 'Ada', password }))
  const surroundings = readSurroundings({ CACHE_URL: valkey.url(), ALLOWED_HOSTS: 'testserver' })
  const machine = (): Client =>
    new Client(demoSettings(databases, secret, surroundings), { enforceCsrfChecks: true })
  clients = [machine(), machine()]
})
afterAll(async () => {
  await databases.close()
  await valkey.stop()
})

const signIn = async (client: Client, word: string): Promise<number> => {
  const csrfmiddlewaretoken = tokenOf(await client.get('/sign-in/'))
  return (await client.post('/sign-in/', { form: { csrfmiddlewaretoken, username: 'Ada', password: word } }))
    .status
}

test('who signed in on one is signed in on the other', async () => {
  const [one, other] = clients
  expect(await signIn(one, password)).toBe(302)
  for (const [name, value] of one.cookies) other.cookies.set(name, value)
  expect((await other.get('/')).text).toContain('Ada')
  expect((await other.get('/write/')).status).toBe(200)
  one.cookies.clear()
  other.cookies.clear()
})

test('attempts to sign in are counted together', async () => {
  const [one, other] = clients
  const answers: number[] = []
  for (let attempt = 0; attempt < 6; attempt++) answers.push(await signIn(attempt % 2 ? other : one, 'no'))
  expect(answers).toEqual([200, 200, 200, 200, 200, 429])
  expect(await signIn(other, password)).toBe(429)
})

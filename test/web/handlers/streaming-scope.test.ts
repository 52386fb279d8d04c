/** A body that is made while it is sent is made in the scope of its request. */
import { describe, expect, test } from 'vitest'
import {
  Client,
  createTables,
  currentTimeZone,
  defineDatabases,
  defineSettings,
  f,
  GZipMiddleware,
  model,
  path,
  StreamingHttpResponse,
  type HttpRequest,
  type SettingsInput,
} from 'portico/web'
import { gunzipSync } from 'node:zlib'

const Streamed = model('streaming.Streamed', { n: f.int() })

const exported = async function* () {
  yield `${currentTimeZone()}:`
  for await (const { n } of Streamed.objects.orderBy('n')) yield ` ${n}`
  await Streamed.objects.create({ n: 9 })
  yield ` of ${await Streamed.objects.count()}`
}

async function site(options: { readonly atomicRequests?: boolean }, more: SettingsInput = {}) {
  const databases = defineDatabases({ default: { url: 'sqlite::memory:', ...options } })
  await createTables(databases.default)
  await databases.run(() => Streamed.objects.bulkCreate([{ n: 1 }, { n: 2 }]))
  const queries: string[] = []
  const view = (request: HttpRequest) => {
    const response = new StreamingHttpResponse(exported())
    response.onClose(async () => {
      await Streamed.objects.create({ n: 100 })
      queries.push(...(request.trace?.entries ?? []).flatMap(({ kind }) => (kind === 'query' ? [kind] : [])))
    })
    return response
  }
  const settings = defineSettings({
    secretKey: 'k',
    allowedHosts: ['*'],
    databases,
    timeZone: 'Europe/Berlin',
    rootUrlconf: [path('', view), path('later/', async (request) => Promise.resolve(view(request)))],
    ...more,
  })
  const rows = () =>
    databases.run(() => Streamed.objects.orderBy('n').valuesList('n', { flat: true }).toArray())
  return { client: new Client(settings), rows, queries }
}

describe.each([{ atomicRequests: false }, { atomicRequests: true }])('a stream with %j', (options) => {
  test.each(['/', '/later/'])('asks the databases of its request at %s', async (url) => {
    const { client, rows } = await site(options)
    expect((await client.get(url)).text).toBe('Europe/Berlin: 1 2 of 3')
    expect(await rows()).toEqual([1, 2, 9, 100])
    expect(client.errors).toEqual([])
  })
})

test('a compressed stream does, too, and its queries are in the trace', async () => {
  const { client, queries } = await site({}, { middleware: [GZipMiddleware], trace: true })
  const { content } = await client.get('/', { headers: { 'Accept-Encoding': 'gzip' } })
  expect(gunzipSync(content).toString()).toBe('Europe/Berlin: 1 2 of 3')
  expect(queries.length).toBeGreaterThan(2)
})

test('a stream that is left off ends in its scope', async () => {
  const ended: string[] = []
  const { client } = await site(
    {},
    {
      rootUrlconf: [
        path('', () => {
          const chunks = function* () {
            try {
              yield 'one'
              throw new Error('breaks off')
            } finally {
              ended.push(currentTimeZone())
            }
          }
          return new StreamingHttpResponse(chunks())
        }),
      ],
    },
  )
  await expect(client.get('/')).rejects.toThrow('breaks off')
  expect(ended).toEqual(['Europe/Berlin'])
})

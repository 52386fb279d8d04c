/** A body that is made while it is sent is made in the scope of its request. */
import { describe, expect, test } from 'vitest'
import {
  Client,
  createTables,
  currentTimeZone,
  defineDatabases,
  defineSettings,
  f,
  getWsgiApplication,
  GZipMiddleware,
  model,
  path,
  StreamingHttpResponse,
  type HttpRequest,
  type SettingsInput,
} from 'portico/web'
import { gunzipSync } from 'node:zlib'
import { environFromParams } from '../../../src/gateway/environ.ts'
import { emptyInput } from '../../../src/gateway/input-stream.ts'
import { runApplication } from '../../../src/gateway/run-application.ts'
import { RecordingSink, settled } from '../../gateway/recording-sink.ts'

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

/** Never has a piece; it knows what a generator does not, that it was left. */
function waiting() {
  const { promise: asked, resolve: ask } = Promise.withResolvers<undefined>()
  const { promise: left, resolve: leave } = Promise.withResolvers<string>()
  const next = () => (ask(undefined), new Promise<IteratorResult<string>>(() => undefined))
  const end = () => (leave(currentTimeZone()), Promise.resolve({ done: true as const, value: undefined }))
  const zones: string[] = []
  const begin = () => (zones.push(currentTimeZone()), { next, return: end })
  const stream = new ReadableStream<string>(
    { pull: () => (ask(undefined), new Promise(() => undefined)), cancel: () => leave(currentTimeZone()) },
    { highWaterMark: 0 },
  )
  return { iterable: { [Symbol.asyncIterator]: begin }, stream, asked, left, zones }
}

test.each([
  ['an iterable', 'iterable', []],
  ['an iterable, compressed', 'iterable', [GZipMiddleware]],
  ['a stream', 'stream', []],
  ['a stream, compressed', 'stream', [GZipMiddleware]],
] as const)('%s without a piece ends when its client is gone', async (_name, kind, middleware) => {
  const source = waiting()
  const faults: unknown[] = []
  const settings = defineSettings({
    secretKey: 'k',
    allowedHosts: ['*'],
    timeZone: 'Europe/Berlin',
    middleware: [...middleware],
    rootUrlconf: [path('', () => new StreamingHttpResponse(source[kind]))],
  })
  const params = ['REQUEST_METHOD', 'GET', 'PATH_INFO', '/', 'HTTP_HOST', 'x', 'HTTP_ACCEPT_ENCODING', 'gzip']
  const errors = { write: (text: string) => faults.push(text), writelines: () => {}, flush: () => {} }
  const environ = environFromParams(params, { input: emptyInput, errors, multiprocess: false })
  const run = runApplication(getWsgiApplication(settings), environ, new RecordingSink(), (error) =>
    faults.push(error),
  )
  await source.asked
  run.cancel(new Error('gone'))
  await source.left
  await settled()
  expect(faults).toEqual([])
  if (kind === 'iterable')
    expect([await source.left, source.zones]).toEqual(['Europe/Berlin', ['Europe/Berlin']])
})

import { createHook } from 'node:async_hooks'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { Client, defineSettings, GZipMiddleware, HttpResponse, path } from 'portico/web'

test('large pages are compressed few at a time, and all of them', async () => {
  const text = Array.from({ length: 100_000 }, (_, n) => `<td>${n}</td>`).join('')
  const settings = defineSettings({
    secretKey: 'k',
    allowedHosts: ['*'],
    middleware: [GZipMiddleware],
    rootUrlconf: [path('', () => new HttpResponse(text))],
  })
  const client = new Client(settings)
  let begun = 0
  const hook = createHook({ init: (_id, type) => void (begun += type === 'ZLIB' ? 1 : 0) }).enable()
  const pages = Array.from({ length: 30 }, () => client.get('/', { headers: { 'Accept-Encoding': 'gzip' } }))
  await new Promise(setImmediate)
  hook.disable()
  expect(begun).toBeGreaterThan(0)
  expect(begun).toBeLessThan(5)
  for (const { content } of await Promise.all(pages)) expect(gunzipSync(content).toString()).toBe(text)
})

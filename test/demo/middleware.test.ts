import { expect, test } from 'vitest'
import { Client, defineSettings, HttpResponse, path } from 'portico/web'
import { houseRules, workerOf } from '../../src/demo/middleware.ts'

test('counts what a process answers, and names it in every answer', async () => {
  const served: number[] = []
  const client = new Client(
    defineSettings({
      secretKey: 'k',
      allowedHosts: ['testserver'],
      middleware: [houseRules],
      rootUrlconf: [
        path('', (request) => {
          served.push(workerOf(request).served)
          return new HttpResponse('')
        }),
      ],
    }),
  )
  const first = await client.get('/')
  const second = await client.get('/nowhere/')
  const third = await client.get('/')
  expect(served).toEqual([1, 3])
  expect(new Set([first, second, third].map((one) => one.header('x-answered-by'))).size).toBe(1)
  expect(second.status).toBe(404)
})

test('leaves a policy alone that a view has set', async () => {
  const own = () => new HttpResponse('', { headers: { 'Content-Security-Policy': 'sandbox' } })
  const settings = {
    secretKey: 'k',
    allowedHosts: ['testserver'],
    middleware: [houseRules],
    rootUrlconf: [path('', own)],
  }
  const response = await new Client(defineSettings(settings)).get('/')
  expect(response.headers('content-security-policy')).toEqual(['sandbox'])
})

import { expect, test } from 'vitest'
import { demoSite } from './support/site.ts'

const fast = { extra: { tickMs: 0 } }

test('counts down, a line at a time', async () => {
  const response = await (await demoSite(fast)).visitor().get('/clock/')
  expect(response.header('content-type')).toBe('text/plain; charset=utf-8')
  expect(response.header('content-length')).toBeUndefined()
  expect(response.text).toBe('10\n9\n8\n7\n6\n5\n4\n3\n2\n1\nThe doors are open.\n')
})

test('speaks in events to those who listen for them', async () => {
  const client = (await demoSite(fast)).visitor()
  const response = await client.get('/clock/', { headers: { Accept: 'text/event-stream' } })
  expect(response.header('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(response.header('vary')).toContain('Accept')
  expect(response.text.split('\n\n').slice(0, 2)).toEqual(['event: tick\ndata: 10', 'event: tick\ndata: 9'])
  expect(response.text.endsWith('event: end\ndata: The doors are open.\n\n')).toBe(true)
})

test('stops when nobody listens any more', async () => {
  const leaving = new AbortController()
  leaving.abort()
  const client = (await demoSite({ extra: { tickMs: 60_000 } })).visitor()
  const response = await client.get('/clock/', { environ: { 'portico.signal': leaving.signal } })
  expect(response.text).toBe('')
})

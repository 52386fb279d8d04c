/** Ends that no code can catch: the worker dies alone, and a request that kills its worker does not kill them all. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PorticoServer } from '../support/portico-server.ts'

const ENTRY = fileURLToPath(new URL('fixtures/exhausting.mjs', import.meta.url))

describe('an application that exhausts its process', () => {
  let server: PorticoServer

  beforeAll(async () => {
    server = await PorticoServer.start({
      conf: `
        error_log stderr info;
        app three { entry ${ENTRY}; workers 3; env NODE_OPTIONS --max-old-space-size=64; }
        http {
          access_log off;
          server {
            listen 127.0.0.1:%PORT%;
            location / { app_pass three; }
            location /once/ { rewrite ^/once(/.*)$ $1 break; app_pass three; app_next_upstream off; }
          }
        }`,
      startTimeoutMs: 60_000,
    })
  }, 70_000)

  afterAll(async () => {
    await server.stop()
  })

  async function ask(path: string, method = 'GET'): Promise<number> {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method })
    await response.arrayBuffer()
    return response.status
  }

  const READY = /worker app:three#\d \(process \d+\) is ready/g
  const DEAD = /worker app:three#\d \(process \d+\) exited on signal (SIG\w+)/g

  function said(pattern: RegExp): number {
    return [...server.output.matchAll(pattern)].length
  }

  /** How many workers die of it; all are back when it answers. */
  async function deathsOf(ask: () => Promise<void>): Promise<number> {
    const [dead, ready] = [said(DEAD), said(READY)]
    await ask()
    await server.waitFor(() => said(READY) - ready === said(DEAD) - dead && said(DEAD) > dead, 'successors')
    return said(DEAD) - dead
  }

  it.each([
    ['/once/heap', 'SIGABRT|SIGTRAP|SIGILL'],
    ['/once/abort', 'SIGABRT'],
  ])(
    '%s: the worker dies alone, and is named with its signal',
    async (path, signals) => {
      const deaths = await deathsOf(async () => {
        expect(await ask(path)).toBe(502)
        expect(await ask('/')).toBe(200)
      })
      expect(deaths).toBe(1)
      expect(server.output).toMatch(
        new RegExp(`app:three#\\d \\(process \\d+\\) exited on signal (${signals})`),
      )
    },
    60_000,
  )

  it('a heap that is full says so in the log, with the name of the worker', () => {
    expect(server.output).toMatch(/app:three#\d: .*heap out of memory/)
  })

  it('a stack that overflows is an error of its request alone', async () => {
    const dead = said(DEAD)
    expect(await ask('/stack')).toBe(500)
    await server.waitFor(
      () => /request \w+: GET \/stack: RangeError: Maximum call stack/.test(server.output),
      'the error',
    )
    expect(await ask('/')).toBe(200)
    expect(said(DEAD)).toBe(dead)
  })

  it('an idempotent request that kills its worker is repeated once: two of three die, no more', async () => {
    const deaths = await deathsOf(async () => {
      expect(await ask('/abort')).toBe(502)
    })
    expect(deaths).toBe(2)
  }, 60_000)

  it('one that is not idempotent is not repeated at all', async () => {
    const deaths = await deathsOf(async () => {
      expect(await ask('/abort', 'POST')).toBe(502)
    })
    expect(deaths).toBe(1)
  }, 60_000)
})

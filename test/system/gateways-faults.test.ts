/** A misbehaving HTTP upstream behind proxy_pass with kept connections: see upstream-faults.ts. */
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PorticoServer } from '../support/portico-server.ts'
import { ScriptedUpstream, WAIT_MS } from '../support/scripted-upstream.ts'
import { UPSTREAM_FAULTS, type UpstreamFault } from './upstream-faults.ts'

/** Large enough to be still under way when an upstream that does not read answers. */
const BODY = Buffer.alloc(4 * 1024 * 1024, 'x')

/** Answers plainly what is in no row. */
const FINE = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

const upstream = new ScriptedUpstream((bytes) => {
  const [, method, path] = /^([A-Z]+) (\S+) HTTP[^]*?\r\n\r\n/.exec(bytes.toString('latin1')) ?? []
  if (path === undefined) return undefined
  const script = UPSTREAM_FAULTS.find((one) => one.path === path)?.script ?? FINE
  return { path, script, deaf: method === 'POST' }
})
interface Answer {
  readonly status: number
  readonly body: string
  readonly complete: boolean
}

let server: PorticoServer

beforeAll(async () => {
  server = await PorticoServer.start({
    conf: `
      worker_processes 1;
      error_log logs/error.log info;
      http {
        access_log off;
        client_max_body_size 10m;
        upstream scripted { server 127.0.0.1:${await upstream.listen()} max_fails=0; keepalive 4; }
        server {
          listen 127.0.0.1:%PORT%;
          proxy_http_version 1.1;
          proxy_set_header Connection "";
          proxy_read_timeout 500ms;
          location / { proxy_pass http://scripted; }
        }
      }`,
    files: { 'logs/.keep': '' },
  })
})

afterAll(async () => {
  expect(server.read('logs/error.log')).not.toMatch(/\[(alert|crit|emerg)\]/)
  await server.stop()
  await upstream.close()
})

function ask({ path, method = 'GET' }: Pick<UpstreamFault, 'path' | 'method'>): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const outgoing = request(
    { port: server.port, host: '127.0.0.1', method, path, agent: false },
    (incoming) => {
      const parts: Buffer[] = []
      incoming.on('data', (part: Buffer) => parts.push(part))
      incoming.on('error', () => undefined)
      incoming.on('close', () => {
        const body = Buffer.concat(parts).toString('latin1')
        resolve({ status: incoming.statusCode ?? 0, body, complete: incoming.complete })
      })
    },
  )
  outgoing.on('error', reject)
  outgoing.end(method === 'POST' ? BODY : undefined)
  return promise
}

describe('an upstream that sends', () => {
  test.each(UPSTREAM_FAULTS)('$name', async (fault) => {
    const logBefore = server.read('logs/error.log').length
    const answer = await ask(fault)
    expect(answer.status).toBe(fault.status)
    if (fault.body !== undefined) expect(answer.body).toBe(fault.body)
    expect(answer.complete).toBe(fault.cut !== true)
    await sleep(2 * WAIT_MS)
    if (fault.log) expect(server.read('logs/error.log').slice(logBefore)).toMatch(fault.log)

    // what comes next gets its own answer, on the same connection or on another
    const behind = `/behind${fault.path}`
    expect(await ask({ path: behind })).toEqual({ status: 200, body: 'ok', complete: true })
    expect(upstream.connectionOf(behind) === upstream.connectionOf(fault.path)).toBe(fault.reused)
  })
})

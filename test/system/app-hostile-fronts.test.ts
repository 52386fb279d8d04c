/** Fronts that send no requests, or bad ones, to application workers: see hostile-fronts.ts. */
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { begin, pair, params, stdin } from '../protocol/fastcgi/records.ts'
import { request } from '../protocol/scgi/netstring.ts'
import { block, packet } from '../protocol/uwsgi/packets.ts'
import { freePort } from '../support/free-port.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { HOSTILE_FRONTS, type HostileFront, type HostileProtocol } from './hostile-fronts.ts'

const ENTRY = fileURLToPath(new URL('fixtures/telling.mjs', import.meta.url))
const PROTOCOLS = ['fastcgi', 'uwsgi', 'scgi', 'http'] as const
const ENOUGH_MS = 10_000

let server: PorticoServer

beforeAll(async () => {
  const port = await freePort()
  const app = (name: HostileProtocol): string =>
    `app ${name} { entry ${ENTRY}; protocol ${name}; listen unix:%PREFIX%/${name}.sock; }`
  server = await PorticoServer.start({
    conf: `
      error_log stderr info;
      ${PROTOCOLS.map(app).join('\n')}
      http { access_log off; server { listen 127.0.0.1:${port}; location / { app_pass http; } } }`,
    startTimeoutMs: 60_000,
  })
}, 70_000)

afterAll(async () => {
  expect(server.output).not.toMatch(/\[(alert|crit|emerg)\]|exited/)
  await server.stop()
})

/** All that comes back until the worker closes. */
function send(protocol: HostileProtocol, bytes: HostileFront['bytes'], ends = false): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const socket = connect({ path: server.path(`${protocol}.sock`), allowHalfOpen: true })
  let answer = ''
  const late = setTimeout(() => {
    answer += '(and it does not close)'
    socket.destroy()
  }, ENOUGH_MS)
  socket.on('data', (piece) => (answer += piece.toString('latin1')))
  socket.on('error', () => undefined)
  socket.on('end', () => socket.end())
  socket.on('close', () => {
    clearTimeout(late)
    resolve(answer)
  })
  const say = async (): Promise<void> => {
    for (const piece of bytes) {
      if (!socket.destroyed) socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
      await turn()
    }
    if (ends) socket.end()
  }
  socket.on('connect', () => void say())
  return promise
}

const VARS = ['REQUEST_METHOD', 'GET', 'PATH_INFO', '/fine', 'SERVER_PROTOCOL', 'HTTP/1.1'] as const
const FINE: Readonly<Record<HostileProtocol, HostileFront['bytes']>> = {
  fastcgi: [
    begin(1, 1, 0),
    params(1, Buffer.concat([pair('REQUEST_METHOD', 'GET'), pair('PATH_INFO', '/fine')])),
    params(1),
    stdin(1),
  ],
  uwsgi: [packet(block(...VARS))],
  scgi: [request(0, ...VARS)],
  http: ['GET /fine HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
}

describe.each(PROTOCOLS)('a front over %s that sends', (protocol) => {
  const rows = HOSTILE_FRONTS.filter((row) => row.protocol === protocol)

  test.each(rows)('$name', async ({ bytes, ends, answer, log }) => {
    const before = server.output.length
    expect(await send(protocol, bytes, ends)).toMatch(answer ?? /^$/)
    const said = (): string => server.output.slice(before)
    if (log) await server.waitFor(() => log.test(said()), `a line of the log like ${String(log)}`)
    // The next one on another connection gets its answer.
    expect(await send(protocol, FINE[protocol])).toContain('GET /fine 0 []')
    expect(said().match(/\[error\].*/g) ?? []).toEqual(log ? [expect.stringMatching(log)] : [])
  })

  test('a request in single bytes', async () => {
    const whole = Buffer.concat(FINE[protocol].map((piece) => Buffer.from(piece)))
    const bytes = Array.from(whole, (byte) => Buffer.from([byte]))
    expect(await send(protocol, bytes)).toContain('GET /fine 0 []')
  })
})

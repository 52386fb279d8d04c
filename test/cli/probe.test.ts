/** `portico probe`: what a container engine's health check gets to know. */
import { spawn } from 'node:child_process'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { ApplicationServer } from '../../src/app/application-server.ts'
import type { Environ } from '../../src/gateway/application.ts'

const MAIN = process.env['PORTICO_CLI'] ?? fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function listen(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

function fastcgi(status: string, seen: Environ[] = []): Promise<number> {
  const app = new ApplicationServer({
    application: (environ, startResponse) => {
      seen.push(environ)
      startResponse(status, [['Content-Type', 'text/plain']])
      return [Buffer.from('a body')]
    },
    protocol: 'fastcgi',
    log: { log: () => undefined },
    multiprocess: false,
  })
  return listen(createServer({ allowHalfOpen: true }, (socket) => app.accept(socket)))
}

async function probe(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [MAIN, 'probe', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, out, err }
}

test.each([
  ['200 OK', 0],
  ['302 Found', 0],
  ['404 Not Found', 1],
  ['503 Service Unavailable', 1],
])('an application that answers %s over FastCGI', async (status, code) => {
  const port = await fastcgi(status)
  expect(await probe(`fastcgi://127.0.0.1:${port}/healthz/`)).toEqual({
    code,
    out: `${status.slice(0, 3)}\n`,
    err: '',
  })
})

test('asks the application for what the URL says, as a front would', async () => {
  const seen: Environ[] = []
  const port = await fastcgi('200 OK', seen)
  await probe(`fastcgi://127.0.0.1:${port}/h%C3%A9/?deep=1`)
  expect(seen[0]).toMatchObject({
    REQUEST_METHOD: 'GET',
    SCRIPT_NAME: '',
    PATH_INFO: '/h\u00c3\u00a9/',
    QUERY_STRING: 'deep=1',
    HTTP_HOST: `127.0.0.1:${port}`,
    SERVER_PORT: String(port),
  })
})

test.each([
  [204, 0],
  [301, 0],
  [500, 1],
])('a server that answers %i over HTTP', async (status, code) => {
  const port = await listen(createHttpServer((_, response) => response.writeHead(status).end()))
  expect(await probe(`http://127.0.0.1:${port}/healthz`)).toEqual({ code, out: `${status}\n`, err: '' })
})

test.each(['http', 'fastcgi'])('nobody there, over %s', async (scheme) => {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  const { code, out, err } = await probe(`${scheme}://127.0.0.1:${port}/`)
  expect([code, out]).toEqual([1, ''])
  expect(err).toBe(
    `portico: probe ${scheme}://127.0.0.1:${port}/: connect() failed (111: Connection refused)\n`,
  )
})

test.each(['http', 'fastcgi'])('somebody who says nothing, over %s', async (scheme) => {
  const port = await listen(createServer((socket) => socket.on('error', () => undefined).resume()))
  const { code, err } = await probe('--timeout', '0.3', `${scheme}://127.0.0.1:${port}/`)
  expect(code).toBe(1)
  expect(err).toContain('no answer in time')
})

test('somebody who hangs up', async () => {
  const port = await listen(createServer((socket) => socket.end()))
  const { code, err } = await probe(`fastcgi://127.0.0.1:${port}/`)
  expect(code).toBe(1)
  expect(err).toMatch(/closed without an answer|ECONNRESET|EPIPE/)
})

test('somebody who speaks another protocol', async () => {
  const port = await listen(createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
  expect((await probe(`fastcgi://127.0.0.1:${port}/`)).code).toBe(1)
})

test.each([
  [[], /invalid URL ""/],
  [['ftp://127.0.0.1/'], /invalid URL "ftp:/],
  [['fastcgi://127.0.0.1/'], /no port/],
  [['http://a/', 'http://b/'], /invalid URL/],
  [['--timeout', 'soon', 'http://a/'], /invalid --timeout/],
])('%j is no probe', async (args, message) => {
  const { code, err } = await probe(...args)
  expect(code).toBe(1)
  expect(err).toMatch(message)
  expect(err).toContain('Usage: portico probe')
})

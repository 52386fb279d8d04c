/** The same conf and the same requests through `portico` and `portico dev`: status, body and Location agree. */
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DevProcess } from '../support/dev-process.ts'
import { freePort } from '../support/free-port.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { CASES, DIFFERENCES, STATUS_DIFFERENCES, type Case } from './differential-cases.ts'
import { differentialConf, FILES } from './differential-conf.ts'

interface Answer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

let upstream: Server
let portico: PorticoServer
let dev: DevProcess
let porticoPort: number

beforeAll(async () => {
  upstream = createServer(answerUpstream)
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  porticoPort = await freePort()
  const { port: upstreamPort } = upstream.address() as AddressInfo
  const conf = differentialConf(porticoPort, upstreamPort)
  portico = await PorticoServer.start({ conf, files: FILES })
  dev = await DevProcess.start({ folder: portico.folder })
})
afterAll(async () => {
  await dev.stop()
  await portico.stop()
  upstream.closeAllConnections()
  upstream.close()
})

/** Tells what it got; some paths answer in a way of their own. */
function answerUpstream(message: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  message.on('data', (chunk: Buffer) => chunks.push(chunk))
  message.on('end', () => {
    const { url = '', method = '' } = message
    const status = /^\/status\/(\d+)/.exec(url)?.[1]
    response.setHeader('X-Secret', 'kept')
    if (url === '/redirect')
      return response.writeHead(302, { Location: `http://${message.headers.host ?? ''}/to` }).end()
    if (url === '/relative') return response.writeHead(301, { Location: '/to?x=1' }).end()
    if (url === '/chunked') return void (response.write('one '), response.end('two'))
    if (url === '/empty') return response.writeHead(204).end()
    if (url === '/big') return response.end('0123456789'.repeat(50_000))
    if (url === '/type') return response.setHeader('Content-Type', 'text/css').end('p{}')
    if (url === '/dates')
      return response.setHeader('Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT').end('dated')
    if (url.startsWith('/cookie/'))
      return response.setHeader('Set-Cookie', 'a=1; Domain=up.example; Path=/').end('c')
    if (status === '401') response.setHeader('WWW-Authenticate', 'Basic realm="up"')
    if (url.startsWith('/accel/'))
      return response.setHeader('X-Accel-Redirect', '/protected/one.svg').end('hidden')
    if (status !== undefined) return response.writeHead(Number(status)).end(`status ${status}`)
    const own = new Set(['connection', 'content-length', 'transfer-encoding'])
    const fields = Object.entries(message.headers).filter(([name]) => !own.has(name))
    const lines = fields.map(([name, value]) => `${name}: ${String(value)}`).sort()
    return response.end(`${method} ${url}\n${lines.join('\n')}\n${Buffer.concat(chunks).toString()}`)
  })
}

function ask(port: number, { path, method = 'GET', headers, body }: Case): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const connection = ['close', headers?.['connection'] ?? []].flat().join(', ')
  const fields = { host: `127.0.0.1:${port}`, ...headers, connection }
  const asked = request({ host: '127.0.0.1', port, path, method, headers: fields, agent: false })
  asked.on('error', reject)
  asked.on('response', (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('error', reject)
    response.on('end', () => {
      const text = Buffer.concat(chunks).toString('latin1')
      const values = Object.entries(response.headers).map(
        ([name, value]) => [name, neutral(String(value), port)] as const,
      )
      resolve({ status: response.statusCode ?? 0, headers: new Map(values), body: neutral(text, port) })
    })
  })
  if (method === 'POST' || method === 'PUT' || method === 'PATCH' || body !== undefined) asked.end(body ?? '')
  else asked.end()
  return promise
}

/** The two listen on different ports, and the built program names itself in its pages. */
function neutral(text: string, port: number): string {
  return text.replaceAll(String(port), 'PORT').replaceAll(/^REQUEST_TIME.*\n/gm, '')
}

function title({ method = 'GET', path, headers = {}, body = '' }: Case): string {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [method, path, ...fields, body.slice(0, 20)].join(' ').trimEnd()
}

describe('portico dev answers as portico does', () => {
  /** Fields that differed somewhere. */
  const seen = new Set<string>()

  it('to more than a hundred requests', () => {
    expect(CASES.length).toBeGreaterThan(150)
  })

  it.each(CASES.map((one) => [title(one), one] as const))('%s', async (_, one) => {
    const [ours, developing] = await Promise.all([ask(porticoPort, one), ask(dev.port, one)])
    expect({
      status: developing.status,
      body: developing.body,
      location: developing.headers.get('location'),
    }).toEqual({ status: ours.status, body: ours.body, location: ours.headers.get('location') })
    const names = new Set([...ours.headers.keys(), ...developing.headers.keys()])
    names.delete('date')
    const different = [...names].filter((name) => ours.headers.get(name) !== developing.headers.get(name))
    for (const name of different) seen.add(name)
    expect(different.filter((name) => !(name in DIFFERENCES))).toEqual([])
  })

  it('but for these fields, and each of them does differ', () => {
    expect([...seen].sort()).toEqual(Object.keys(DIFFERENCES).sort())
  })

  it.each(STATUS_DIFFERENCES.map((one) => [one.why, one] as const))('but: %s', async (_, one) => {
    const [ours, developing] = await Promise.all([ask(porticoPort, one), ask(dev.port, one)])
    expect([ours.status, developing.status]).toEqual(one.status)
  })

  it('says 304 to each its own tag', async () => {
    for (const port of [porticoPort, dev.port]) {
      const first = await ask(port, { path: '/a.txt' })
      const again = await ask(port, {
        path: '/a.txt',
        headers: { 'if-none-match': first.headers.get('etag') ?? '' },
      })
      expect([again.status, again.body]).toEqual([304, ''])
    }
  })
})

/** A site moves: the conf of Debian's nginx as it is, under nginx and under Portico, asked the same. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { connect as connectTcp, type AddressInfo, type Socket } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { readAnswers } from '../support/http-answers.ts'
import { describeWithPeer } from '../support/peer.ts'
import { REQUESTS, type SiteRequest } from './migration/requests.ts'
import { makeConf, makeSite } from './migration/site.ts'

const PORTICO = process.env['PORTICO_CLI'] ?? fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const NAMES = { HTTP: 'shop.example', HTTPS: 'shop.example', BLOG: 'blog.example', APP: 'app.example' }
const START_MS = 60_000
const ANSWER_MS = 10_000

type Ports = Readonly<Record<SiteRequest['at'], number>>

interface Front {
  readonly folder: string
  readonly conf: string
  readonly ports: Ports
}

interface Outcome {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Bytes up to the server's close, or the first of them after a switch of protocols. */
function talk(port: number, item: SiteRequest): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const secure = item.at === 'HTTPS' && item.host !== 'plain'
  const where = { host: '127.0.0.1', port }
  const servername = item.host ?? NAMES[item.at]
  const socket: Socket = secure
    ? connectTls({ ...where, servername, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
    : connectTcp(where)
  let text = ''
  let greeted = false
  socket.setTimeout(ANSWER_MS, () => {
    text = '' // all of these connections end
    socket.destroy()
  })
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1')
    if (!text.startsWith('HTTP/1.1 101 ')) return
    if (text.endsWith('ping')) socket.destroy()
    else if (!greeted) greeted = socket.write('ping') || true
  })
  socket.on('error', () => undefined)
  socket.on('close', () => resolve(text))
  socket.once(secure ? 'secureConnect' : 'connect', () => socket.write(requestText(item)))
  return promise
}

function requestText({ ask, at, host = NAMES[at], fields = [], body = '' }: SiteRequest): string {
  const lines = [`${ask} HTTP/1.1`, ...(host === '' ? [] : [`Host: ${host}`]), ...fields, 'User-Agent: mover']
  if (!fields.some((field) => field.startsWith('Connection:'))) lines.push('Connection: close')
  if (body !== '') lines.push(`Content-Length: ${body.length}`)
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

/** Without what may differ: the clock, the name of the server, its own ports, how it compresses. */
function outcome(text: string, ports: Ports, method: string): Outcome {
  if (text.startsWith('HTTP/1.1 101 ')) {
    const [, body = ''] = text.split('\r\n\r\n')
    return { status: 101, headers: {}, body }
  }
  const [answer] = readAnswers(text, [method])
  if (answer === undefined) return { status: 0, headers: {}, body: text }
  const headers = Object.fromEntries(answer.headers)
  const body = headers['content-encoding'] === 'gzip' ? unzipped(answer.body) : answer.body
  for (const name of ['date', 'server']) delete headers[name]
  // the body says it: each has its own name in its pages, and we know the length of what nginx sends in chunks
  if (method !== 'HEAD' && answer.status !== 204 && answer.status !== 304) delete headers['content-length']
  delete headers['transfer-encoding']
  if (headers['expires'] !== undefined) headers['expires'] = headers['expires'].replace(/\d\d:\d\d:\d\d/, '')
  const plain = neutral(JSON.stringify({ status: answer.status, headers, body }), ports)
  return JSON.parse(plain) as Outcome
}

function unzipped(body: string): string {
  return gunzipSync(Buffer.from(body, 'latin1')).toString('latin1')
}

function neutral(text: string, ports: Ports): string {
  let plain = text.replaceAll('<center>portico</center>', '<center>nginx</center>')
  for (const [name, port] of Object.entries(ports)) plain = plain.replaceAll(String(port), name)
  return plain.replaceAll(/\b\d{20}\b/g, 'boundary')
}

/** Speaks one message of its own after a switch and gives back what comes. */
function startLive(): Promise<Server> {
  const server = createServer((incoming, response) => response.end(`plain ${incoming.url}`))
  server.on('upgrade', (incoming, socket: Socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    socket.write(`hello ${incoming.url} `)
    socket.pipe(socket)
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

async function listening(where: number | string, what: string, child?: ChildProcess): Promise<void> {
  const end = performance.now() + START_MS
  while (!(await accepts(where))) {
    if (performance.now() > end || (child && child.exitCode !== null))
      throw new Error(`${what} did not start`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function accepts(where: number | string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = typeof where === 'string' ? connectTcp(where) : connectTcp(where, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGTERM')
  await gone
}

describeWithPeer(
  ['nginx', 'php-fpm', 'gunicorn', 'openssl'],
  'a site that moves from nginx',
  (nginx, fpm, gunicorn) => {
    const children: ChildProcess[] = []
    const folders: string[] = []
    const outcomes = new Map<SiteRequest, readonly [ours: () => Outcome, theirs: () => Outcome]>()
    let site: string
    let live: Server | undefined
    let ours: Front
    let theirs: Front

    const start = (program: string, args: readonly string[], cwd = site): ChildProcess => {
      const child = spawn(program, args, { cwd, stdio: 'ignore' })
      children.push(child)
      return child
    }

    const prepare = async (apps: Readonly<Record<string, number>>): Promise<Front> => {
      const folder = mkdtempSync(join(tmpdir(), 'portico-mover-'))
      folders.push(folder)
      const [HTTP, HTTPS, BLOG, APP] = [
        await freePort(),
        await freePort(),
        await freePort(),
        await freePort(),
      ]
      const ports = { HTTP, HTTPS, BLOG, APP }
      return { folder, ports, conf: makeConf(folder, { ...ports, ...apps, SITE: site, OWN: folder }) }
    }

    beforeAll(async () => {
      site = mkdtempSync(join(tmpdir(), 'portico-site-'))
      folders.push(site)
      makeSite(site, userInfo().username)
      live = await startLive()
      const [APP1, APP2] = [await freePort(), await freePort()]
      start(fpm, ['-n', '-F', '-R', '-y', join(site, 'fpm.conf')])
      for (const port of [APP1, APP2]) start(gunicorn, ['--bind', `127.0.0.1:${port}`, 'app:app'])
      const apps = { APP1, APP2, LIVE: (live.address() as AddressInfo).port }
      ours = await prepare(apps)
      theirs = await prepare(apps)
      const real = start(nginx, ['-c', theirs.conf, '-g', 'daemon off;'])
      const own = start(process.execPath, [PORTICO, '-p', ours.folder, '-c', ours.conf])
      await listening(join(site, 'run/php.sock'), 'PHP-FPM')
      await Promise.all([listening(APP1, 'gunicorn'), listening(APP2, 'gunicorn')])
      await Promise.all([
        listening(theirs.ports.APP, 'nginx', real),
        listening(ours.ports.APP, 'Portico', own),
      ])
      for (const item of REQUESTS) {
        const [method = ''] = item.ask.split(' ')
        const [a, b] = await Promise.all([talk(ours.ports[item.at], item), talk(theirs.ports[item.at], item)])
        outcomes.set(item, [() => outcome(a, ours.ports, method), () => outcome(b, theirs.ports, method)])
      }
    }, 120_000)

    afterAll(async () => {
      await Promise.all(children.map(end))
      live?.close()
      for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    })

    it.each(REQUESTS.map((item) => [item.name, item] as const))('%s', (_name, item) => {
      const [our, their] = outcomes.get(item) ?? []
      expect(their?.().status).toBeGreaterThan(100)
      expect(our?.()).toEqual(their?.())
    })

    describe('its log', () => {
      it('has the same lines', () => {
        const lines = ({ folder, ports }: Front): string[] =>
          neutral(readFileSync(join(folder, 'log/access.log'), 'latin1'), ports)
            .replaceAll(/\[[^\]]+\]/g, '[time]')
            .replaceAll(/\d+\.\d{3}/g, 'seconds')
            .replaceAll(/" (\d{3}) \d+ "/g, '" $1 bytes "')
            .replaceAll(/(" 400 bytes "-") "[^"]*"/g, '$1 agent') // what is not read to its end has no fields yet
            .split('\n')
            .toSorted()
        expect(lines(ours)).toEqual(lines(theirs))
      })
    })
  },
)

/** Limits of four workers together: over all of them, after a reload, after a kill of a worker and of the keeper. */
import { readdirSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { PorticoServer } from '../support/portico-server.ts'

const CONF = `
worker_processes 4;
error_log logs/error.log info;
events {}
http {
  access_log off;
  limit_req_zone $arg_k zone=rate:1m rate=1r/m;
  limit_conn_zone $arg_k zone=conn:1m;
  server {
    listen 127.0.0.1:%PORT%;
    add_header X-Worker $pid;
    location /rate { limit_req zone=rate burst=29 nodelay; limit_req_status 429; try_files /small =404; }
    location /conn { limit_conn conn 6; limit_rate 1; try_files /large =404; root %PREFIX%/html; }
    location / { root %PREFIX%/html; }
    root %PREFIX%/html;
  }
}`

let server: PorticoServer | undefined
let port = 0
const sockets = new Set<Socket>()

afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  sockets.clear()
  await server?.stop()
  server = undefined
})

async function start(): Promise<PorticoServer> {
  port = await freePort()
  server = await PorticoServer.start({
    conf: CONF.replace('%PORT%', String(port)),
    files: { 'logs/.keep': '', 'html/small': 'small', 'html/large': Buffer.alloc(1 << 20) },
  })
  return server
}

interface Answer {
  readonly status: number
  readonly worker: string
}

/** Opens a connection of its own and resolves with the head of the answer; the connection stays as it is. */
function ask(path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    sockets.add(socket)
    let text = ''
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`closed after ${JSON.stringify(text)}`)))
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      if (!text.includes('\r\n\r\n')) return
      resolve({ status: Number(text.slice(9, 12)), worker: /X-Worker: (\d+)/.exec(text)?.[1] ?? '' })
    })
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
  })
}

async function statuses(path: string, count: number): Promise<Record<string, number>> {
  const answers = await Promise.all(Array.from({ length: count }, () => ask(path)))
  const tally: Record<string, number> = {}
  for (const { status } of answers) tally[status] = (tally[status] ?? 0) + 1
  return tally
}

function closeAll(): void {
  for (const socket of sockets) socket.destroy()
  sockets.clear()
}

/** Process ids of our master's children whose title has the text. */
function children(title: string): number[] {
  const master = String(server?.pid)
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const parent = /\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'latin1'))?.[1]
      const line = readFileSync(`/proc/${name}/cmdline`, 'latin1')
      return parent === master && line.includes(title) ? [Number(name)] : []
    } catch {
      return []
    }
  })
}

async function eventually<T>(look: () => T | Promise<T>, wanted: T): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await look()) === wanted) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  expect(await look()).toEqual(wanted)
}

describe('Zones of four workers', () => {
  it('limit rates exactly, over a reload too', async () => {
    const portico = await start()
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask('/rate?k=a')))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(30)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(30)
    expect(new Set(answers.map(({ worker }) => worker)).size).toBeGreaterThan(1)
    expect(await statuses('/rate?k=b', 10)).toEqual({ 200: 10 })
    closeAll()
    const before = children('front')
    portico.signal('SIGHUP')
    await eventually(() => children('front').filter((pid) => before.includes(pid)).length, 0)
    expect(children('front')).toHaveLength(4)
    expect(await statuses('/rate?k=a', 5)).toEqual({ 429: 5 })
    expect(await statuses('/rate?k=b', 30)).toEqual({ 200: 20, 429: 10 })
  }, 60_000)

  it('limit connections exactly, and take back those of a worker that is killed', async () => {
    await start()
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask('/conn?k=a')))
    const held = answers.filter(({ status }) => status === 200)
    expect(held).toHaveLength(6)
    expect(answers.filter(({ status }) => status === 503)).toHaveLength(24)
    const [victim] = held
    const lost = held.filter(({ worker }) => worker === victim?.worker).length
    process.kill(Number(victim?.worker), 'SIGKILL')
    await eventually(() => children('front').includes(Number(victim?.worker)), false)
    await eventually(() => children('front').length, 4)
    // the keeper hears of it when the connection ends
    await eventually(async () => (await ask('/conn?k=a')).status, 200)
    expect(await statuses('/conn?k=a', 19)).toEqual({ ...(lost > 1 && { 200: lost - 1 }), 503: 20 - lost })
    closeAll()
    await eventually(async () => (await ask('/conn?k=a')).status, 200)
  }, 60_000)

  it('hold again after a kill of the keeper: what is under way and what was counted', async () => {
    const portico = await start()
    expect(await statuses('/conn?k=a', 6)).toEqual({ 200: 6 })
    expect(await statuses('/rate?k=a', 20)).toEqual({ 200: 20 })
    const [keeper = 0] = children('keeper')
    process.kill(keeper, 'SIGKILL')
    await portico.waitFor(() => portico.read('logs/error.log').includes('counts limits alone'), 'the line')
    expect((await ask('/')).status).toBe(403)
    const back = (): boolean =>
      portico.read('logs/error.log').split('limits hold for all workers').length - 1 === 4
    await portico.waitFor(back, 'four lines')
    expect(children('keeper')).toHaveLength(1)
    expect(await statuses('/conn?k=a', 10)).toEqual({ 503: 10 })
    expect(await statuses('/rate?k=a', 20)).toEqual({ 200: 10, 429: 10 })
  }, 60_000)

  it('let requests go on while the keeper stands still', async () => {
    const portico = await start()
    const [keeper = 0] = children('keeper')
    process.kill(keeper, 'SIGSTOP')
    const begin = performance.now()
    expect(await statuses('/rate?k=a', 4)).toEqual({ 200: 4 })
    expect(performance.now() - begin).toBeLessThan(5000)
    expect(portico.read('logs/error.log')).toContain('counts limits alone')
    process.kill(keeper, 'SIGCONT')
  }, 60_000)

  it('end with the server', async () => {
    const portico = await start()
    const [keeper = 0] = children('keeper')
    expect(keeper).toBeGreaterThan(0)
    server = undefined
    expect(await portico.stop('SIGQUIT')).toBe(0)
    expect(() => process.kill(keeper, 0)).toThrow()
  }, 60_000)
})

/** stub_status and metrics of four workers: right whichever answers, after reloads and kills. */
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { parseMetrics } from '../support/metrics-parser.ts'
import { PorticoServer } from '../support/portico-server.ts'

const CONF = `
worker_processes 4;
error_log logs/error.log info;
events {}
http {
  access_log off;
  limit_conn_zone $arg_k zone=c:1m;
  server {
    listen 127.0.0.1:%PORT%;
    server_name main;
    location / { return 200 $pid; }
    location /gone { return 410; }
    location /status { stub_status; }
    location /metrics { metrics; }
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
    files: { 'logs/.keep': '' },
  })
  return server
}

/** The body of the answer on a connection that is closed after it, unless it is to stay. */
function ask(path: string, stay = false): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    sockets.add(socket)
    let text = ''
    const body = (): string => text.slice(text.indexOf('\r\n\r\n') + 4)
    socket.on('error', reject)
    socket.on('close', () => resolve(body()))
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      const length = Number(/Content-Length: (\d+)/.exec(text)?.[1] ?? NaN)
      if (stay && body().length === length) resolve(body())
    })
    socket.write(`GET ${path} HTTP/1.1\r\nHost: main\r\nConnection: ${stay ? 'keep-alive' : 'close'}\r\n\r\n`)
  })
}

async function status(): Promise<number[]> {
  const text = await ask('/status')
  const numbers =
    /^Active connections: (\d+) \nserver accepts handled requests\n (\d+) (\d+) (\d+) \nReading: (\d+) Writing: (\d+) Waiting: (\d+) \n$/.exec(
      text,
    )
  if (!numbers) throw new Error(`not nginx's text: ${JSON.stringify(text)}`)
  return numbers.slice(1).map(Number)
}

async function responses(): Promise<Record<string, number>> {
  const { samples = [] } = parseMetrics(await ask('/metrics')).get('portico_responses_total') ?? {}
  return Object.fromEntries(
    samples.map(({ labels, value }) => [`${labels['location']} ${labels['status']}`, value]),
  )
}

describe('Figures of four workers', () => {
  it('add up, whichever worker answers', async () => {
    await start()
    const first = Number(await ask('/', true))
    process.kill(first, 'SIGSTOP') // the others are slower to accept, it may be
    const others = await Promise.all(Array.from({ length: 39 }, () => ask('/', true)))
    process.kill(first, 'SIGCONT')
    expect(others).not.toContain(String(first))
    for (let count = 1; count <= 8; count += 1)
      expect(await status()).toEqual([41, 40 + count, 40 + count, 40 + count, 0, 1, 40])
    await Promise.all(Array.from({ length: 10 }, () => ask('/gone')))
    expect(await responses()).toMatchObject({ '/ 2xx': 40, '/gone 4xx': 10, '/status 2xx': 8 })
    const families = parseMetrics(await ask('/metrics'))
    expect(families.get('portico_workers')?.samples[0]?.value).toBe(4)
    const count = families.get('portico_request_duration_seconds')?.samples.at(-1)
    expect(count).toMatchObject({ name: 'portico_request_duration_seconds_count', value: 59 })
  }, 60_000)

  it('stay right after a reload and after a kill', async () => {
    const portico = await start()
    await Promise.all(Array.from({ length: 30 }, () => ask('/')))
    const before = await ask('/')
    portico.signal('SIGHUP')
    await portico.waitFor(
      () => portico.read('logs/error.log').split('listening on').length === 3,
      'the reload',
    )
    await expect.poll(async () => (await ask('/')) !== before, { timeout: 20_000 }).toBe(true)
    await expect
      .poll(async () => (await ask('/metrics')).includes('portico_workers 4\n'), { timeout: 20_000 })
      .toBe(true)
    const counted = (await responses())['/ 2xx'] ?? 0
    expect(counted).toBeGreaterThanOrEqual(32)
    const victim = Number(await ask('/'))
    // what it counted is told within a second
    await expect.poll(async () => (await responses())['/ 2xx']).toBe(counted + 1)
    process.kill(victim, 'SIGKILL')
    await portico.waitFor(
      () => portico.read('logs/error.log').includes(`${victim}) exited on signal`),
      'its end',
    )
    await expect
      .poll(async () => (await ask('/metrics')).includes('portico_workers 4\n'), { timeout: 20_000 })
      .toBe(true)
    expect((await responses())['/ 2xx']).toBe(counted + 1)
    const [active, accepted, handled] = await status()
    expect([active, accepted]).toEqual([1, handled])
  }, 90_000)
})

/**
 * The application server alone: a bare "hello" application behind one multiplexed FastCGI connection. The client
 * keeps so many requests in flight and does as little as it can.
 *
 *     node test/bench/fastcgi-app.ts [requests in flight] [seconds] [entry]
 *
 * Prints requests per second and the worker's CPU time per request from /proc. Worker and client are pinned to one
 * core each where taskset is there.
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FastcgiResponseDecoder } from '../../src/protocol/fastcgi/response-decoder.ts'
import { requestText, stdinEndText } from '../../src/protocol/fastcgi/request-encoder.ts'
import { FCGI_RESPONDER } from '../../src/protocol/fastcgi/record.ts'

const [inFlight = 64, seconds = 5] = process.argv.slice(2, 4).map(Number)

/** What nginx's fastcgi_params send for a plain GET of a browser. */
const PARAMS = Object.entries({
  QUERY_STRING: '',
  REQUEST_METHOD: 'GET',
  CONTENT_TYPE: '',
  CONTENT_LENGTH: '',
  SCRIPT_NAME: '/hello',
  REQUEST_URI: '/hello',
  DOCUMENT_URI: '/hello',
  DOCUMENT_ROOT: '/srv/www',
  SERVER_PROTOCOL: 'HTTP/1.1',
  REQUEST_SCHEME: 'http',
  GATEWAY_INTERFACE: 'CGI/1.1',
  SERVER_SOFTWARE: 'portico',
  REMOTE_ADDR: '127.0.0.1',
  REMOTE_PORT: '54321',
  SERVER_ADDR: '127.0.0.1',
  SERVER_PORT: '8080',
  SERVER_NAME: 'localhost',
  REQUEST_ID: '0123456789abcdef0123456789abcdef',
  HTTP_HOST: 'localhost:8080',
  HTTP_USER_AGENT: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0',
  HTTP_ACCEPT: 'text/html,application/xhtml+xml',
  HTTP_ACCEPT_LANGUAGE: 'en-US,en;q=0.9',
  HTTP_ACCEPT_ENCODING: 'gzip, deflate, br',
  HTTP_COOKIE: 'sessionid=0123456789abcdef0123456789abcdef',
}).flat()

const HELLO = `const body = Buffer.from('hello\\n')
export function application(environ, startResponse) {
  startResponse('200 OK', [['Content-Type', 'text/plain'], ['Content-Length', '6']])
  return [body]
}
`

const directory = mkdtempSync(join(tmpdir(), 'bench-'))
const socketPath = join(directory, 'app.sock')
const entry = process.argv[4] ?? join(directory, 'hello.mjs')
writeFileSync(join(directory, 'hello.mjs'), HELLO)

const master = spawn(
  process.execPath,
  [
    new URL('../app/fixtures/app-master.ts', import.meta.url).pathname,
    JSON.stringify({ listen: `unix:${socketPath}`, count: 1, boot: { entry, protocol: 'fastcgi' } }),
  ],
  { stdio: ['ignore', 'inherit', 'pipe'] },
)
let log = ''
master.stderr.on('data', (bytes: Buffer) => (log += bytes.toString()))
while (!log.includes('is ready')) await new Promise((resolve) => setTimeout(resolve, 20))
const worker = Number(/process ([0-9]+)\) is ready/.exec(log)?.[1])
pin(worker, 0)
pin(process.pid, 1)

/** All tasks of a process: V8's and libuv's threads too. */
function pin(pid: number, core: number): void {
  try {
    execFileSync('taskset', ['-a', '-p', '-c', String(core), String(pid)], { stdio: 'ignore' })
  } catch {
    // Without taskset the figures are only less steady.
  }
}

/** User and system time in ms; a clock tick is 10 ms. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

class Client {
  answers = 0
  readonly #socket: Socket
  readonly #decoder = new FastcgiResponseDecoder()
  readonly #texts = new Map<number, string>()

  constructor(socket: Socket) {
    this.#socket = socket
    for (let id = 1; id <= inFlight; id += 1)
      this.#texts.set(id, requestText(id, FCGI_RESPONDER, true, PARAMS) + stdinEndText(id))
    socket.on('data', (bytes: Buffer) => this.#receive(bytes))
  }

  start(): void {
    let text = ''
    for (const [id, request] of this.#texts) {
      this.#decoder.open(id)
      text += request
    }
    this.#socket.write(text, 'latin1')
  }

  #receive(bytes: Buffer): void {
    this.#decoder.receive(bytes)
    let text = ''
    for (let event = this.#decoder.next(); event !== undefined; event = this.#decoder.next()) {
      if (event.type !== 'end') continue
      this.answers += 1
      this.#decoder.open(event.id)
      text += this.#texts.get(event.id) ?? ''
    }
    if (text !== '') this.#socket.write(text, 'latin1')
  }
}

const socket = connect(socketPath)
await new Promise((resolve) => socket.once('connect', resolve))
const client = new Client(socket)
client.start()
await new Promise((resolve) => setTimeout(resolve, 1500))
for (let second = 1; second <= seconds; second += 1) {
  const [answers, cpu, startedAt] = [client.answers, cpuMs(worker), performance.now()]
  await new Promise((resolve) => setTimeout(resolve, 1000))
  const count = client.answers - answers
  const perSecond = Math.round((count * 1000) / (performance.now() - startedAt))
  console.log(
    `${perSecond} requests/s, ${(((cpuMs(worker) - cpu) * 1000) / count).toFixed(2)} us of CPU each`,
  )
}
socket.destroy()
master.kill('SIGTERM')
master.once('exit', () => rmSync(directory, { recursive: true }))

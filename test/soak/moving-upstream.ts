/**
 * A name with two addresses, of which every time one goes: its process is killed as it stands, and another one starts
 * at another address, which the name server tells. What may be repeated is; only the orders of the killed one fail.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { a } from '../support/dns-message.ts'
import { freePort } from '../support/free-port.ts'
import { ScriptedNameServer } from '../support/name-server.ts'
import type { Kill } from './order-book.ts'
import { OrderLoad } from './order-load.ts'
import { reportOrders } from './order-report.ts'
import { OrderServer } from './order-server.ts'
import { reached, type Scenario, type ScenarioOptions, type ScenarioReport } from './scenario.ts'

const PROGRAM = fileURLToPath(new URL('order-backend.ts', import.meta.url))
const TTL_SECONDS = 1
/** Each of the two front workers asks once in a TTL: after so many questions for addresses both know of a move. */
const KNOWN_QUESTIONS = 7
/** The first address is 127.0.0.11; after 200 moves it comes round. */
const hostOf = (move: number): string => `127.0.0.${11 + (move % 200)}`

/** A backend process at one address. */
class Backend {
  readonly host: string
  readonly port: number
  readonly child: ChildProcess

  private constructor(host: string, port: number, child: ChildProcess) {
    this.host = host
    this.port = port
    this.child = child
  }

  static async start(host: string, port: number, book: string): Promise<Backend> {
    const child = spawn(process.execPath, [PROGRAM, host, String(port)], {
      env: { ...process.env, ORDER_BOOK: book },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once('data', () => resolve())
      child.once('exit', () => reject(new Error(`the backend at ${host} did not start`)))
    })
    return new Backend(host, port, child)
  }

  async kill(): Promise<Kill> {
    const exited = new Promise((resolve) => this.child.once('exit', resolve))
    const beganMs = performance.now()
    this.child.kill('SIGKILL')
    await exited
    const { pid = 0 } = this.child
    return { pid, beganMs, goneMs: performance.now(), address: `${this.host}:${this.port}` }
  }
}

/** Where the name leads, and who is there. */
class Fleet {
  readonly names: ScriptedNameServer
  readonly port: number
  #backends: Backend[] = []
  #started = 0

  private constructor(names: ScriptedNameServer, port: number) {
    this.names = names
    this.port = port
    names.script = ({ type }) => ({
      records: type === 1 ? this.#backends.map(({ host }) => a(host, TTL_SECONDS)) : [],
    })
  }

  static async create(): Promise<Fleet> {
    return new Fleet(await ScriptedNameServer.start(() => undefined), await freePort())
  }

  /** How often somebody asked for addresses. */
  get questions(): number {
    return this.names.asked.filter(({ type }) => type === 1).length
  }

  async add(book: string): Promise<Backend> {
    const backend = await Backend.start(hostOf(this.#started), this.port, book)
    this.#started += 1
    this.#backends.push(backend)
    return backend
  }

  /** The oldest goes without a word. */
  async removeOldest(): Promise<Kill> {
    const [oldest] = this.#backends
    if (!oldest) throw new Error('nobody is there')
    this.#backends = this.#backends.slice(1)
    return oldest.kill()
  }

  async stop(): Promise<void> {
    while (this.#backends.length > 0) await this.removeOldest()
    this.names.stop()
  }
}

async function run(options: ScenarioOptions): Promise<ScenarioReport> {
  const fleet = await Fleet.create()
  const server = await OrderServer.start({
    http: `resolver 127.0.0.1:${fleet.names.address.port};
      upstream fleet { zone fleet 64k; server fleet.test:${fleet.port} resolve; keepalive 16; }`,
    location: 'proxy_pass http://fleet; proxy_http_version 1.1; proxy_set_header Connection "";',
  })
  try {
    const faults: string[] = []
    const kills: Kill[] = []
    await fleet.add(server.bookPath)
    await fleet.add(server.bookPath)
    const known = (host: string): boolean =>
      server.portico.read('logs/access.log').includes(`200 ${host}:${fleet.port}`)
    // 502 until the name has been asked for again
    await warmUp(server.port)
    const load = new OrderLoad({ port: server.port, kept: 12, fresh: 4 })
    const late = performance.now() + options.limitMs
    for (let event = 1; event <= options.events && performance.now() < late; event += 1) {
      const due = (options.requests * event) / (options.events + 1)
      await reached(() => load.total >= due, late - performance.now())
      const { host } = await fleet.add(server.bookPath)
      kills.push(await fleet.removeOldest())
      const asked = fleet.questions
      if (!(await reached(() => known(host), 60_000))) faults.push(`nobody went to ${host}`)
      await reached(() => fleet.questions >= asked + KNOWN_QUESTIONS, 60_000)
      options.say(`move ${event} to ${host}: ${load.total} requests, ${load.failures.length} failed`)
    }
    await reached(() => load.total >= options.requests, late - performance.now())
    await load.stop()
    return reportOrders(server, load, kills, faults, {
      moves: kills.length,
      'questions to the name server': fleet.questions,
    })
  } finally {
    await server.stop()
    await fleet.stop()
  }
}

/** Until an item is answered with 200 ten times in a row. */
async function warmUp(port: number): Promise<void> {
  for (let wins = 0; wins < 10;) {
    const { status } = await fetch(`http://127.0.0.1:${port}/order?id=1`)
    wins = status === 200 ? wins + 1 : 0
    if (wins === 0) await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

export const MOVING_UPSTREAM: Scenario = {
  name: 'move',
  promise: 'an upstream moves to another address, its old process killed: no idempotent request fails',
  requests: 200_000,
  events: 20,
  minutes: 30,
  run,
}

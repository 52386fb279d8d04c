/** Both tiers with the application of orders, and what its logs say of its processes. */
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { failedAddresses, OrderBook, type Kill } from './order-book.ts'
import { FILE_PATH, FILE_TEXT } from './order-load.ts'
import { isAlive, reached } from './scenario.ts'

const ENTRY = fileURLToPath(new URL('order-application.ts', import.meta.url))
const BOOK = 'logs/orders.log'
const RELEASE = 'release.txt'
const READY_LIMIT_MS = 60_000

/** Where orders go: directives of `http`, and of the location. */
export interface OrderRoute {
  readonly main?: string
  readonly http?: string
  readonly location: string
}

export class OrderServer {
  readonly portico: PorticoServer
  readonly port: number
  /** Of whom the log says that they ended by a signal, because we sent it. */
  readonly #killed = new Set<number>()

  private constructor(portico: PorticoServer, port: number) {
    this.portico = portico
    this.port = port
  }

  static async start({ main = '', http = '', location }: OrderRoute): Promise<OrderServer> {
    const port = await freePort()
    const portico = await PorticoServer.start({
      conf: `${main}
        worker_processes 2;
        error_log logs/error.log info;
        events { worker_connections 1024; }
        http {
          log_format orders '$arg_id $request_method $status $upstream_addr';
          access_log logs/access.log orders;
          keepalive_requests 100000;
          add_header X-Front $pid always;
          ${http}
          server {
            listen 127.0.0.1:${port};
            root www;
            location = /order { ${location} }
          }
        }`,
      files: {
        [`www${FILE_PATH}`]: FILE_TEXT,
        [BOOK]: '',
        [RELEASE]: '0',
        'logs/error.log': '',
      },
      startTimeoutMs: READY_LIMIT_MS,
    })
    return new OrderServer(portico, port)
  }

  /** With an application of its own, over the protocol. */
  static withApplication(workers: number, protocol: string): Promise<OrderServer> {
    const env = `env ORDER_BOOK=%PREFIX%/${BOOK}; env RELEASE_FILE=%PREFIX%/${RELEASE};`
    return OrderServer.start({
      main: `app orders { entry ${ENTRY}; workers ${workers}; protocol ${protocol}; ${env} }`,
      location: 'app_pass orders;',
    })
  }

  get bookPath(): string {
    return this.portico.path(BOOK)
  }

  book(): OrderBook {
    return new OrderBook(this.portico.read(BOOK))
  }

  /** Of each order that failed, where it was sent last. */
  failedAddresses(): Map<number, string> {
    return failedAddresses(this.portico.read('logs/access.log'))
  }

  deploy(release: string): void {
    this.portico.write(RELEASE, release)
  }

  /** The process of each place, by the worker's name, as the log last said that it is ready. */
  workers(prefix: string): Map<string, number> {
    const places = new Map<string, number>()
    const log = this.portico.read('logs/error.log')
    for (const [, name = '', pid] of log.matchAll(/worker (\S+) \(process (\d+)\) is ready/g)) {
      if (name.startsWith(prefix)) places.set(name, Number(pid))
    }
    return places
  }

  /** Kills the process of that place and waits for the next one there. */
  async kill(place: string): Promise<Kill> {
    const pid = this.workers(place).get(place)
    if (pid === undefined) throw new Error(`nobody is at ${place}`)
    const beganMs = performance.now()
    this.#killed.add(pid)
    process.kill(pid, 'SIGKILL')
    await reached(() => !isAlive(pid), READY_LIMIT_MS)
    const goneMs = performance.now()
    const replaced = await reached(() => this.workers(place).get(place) !== pid, READY_LIMIT_MS)
    if (!replaced) throw new Error(`${place} was not filled again`)
    return { pid, beganMs, goneMs, address: `/${place.slice(4).replace('#', '.')}.sock` }
  }

  /** Lines of the error log that nobody should find there. */
  alerts(): string[] {
    const lines = this.portico.read('logs/error.log').match(/\[(?:alert|emerg|crit)\].*/g) ?? []
    return lines.filter((line) => {
      const pid = /\(process (\d+)\) exited on signal SIGKILL$/.exec(line)?.[1]
      return pid === undefined || !this.#killed.has(Number(pid))
    })
  }

  async stop(): Promise<void> {
    await this.portico.stop()
  }
}

/** Both tiers with the application of orders, and what its logs say of its processes. */
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { ErrorLog, type Alert } from './error-log.ts'
import { failedAddresses, OrderBook, type Kill } from './order-book.ts'
import { FILE_PATH, FILE_TEXT } from './order-load.ts'
import { isAlive, reached } from './scenario.ts'

const ENTRY = fileURLToPath(new URL('order-application.ts', import.meta.url))
const BOOK = 'logs/orders.log'
const RELEASE = 'release.txt'
const READY_LIMIT_MS = 60_000

/** Where orders go: further directives of the contexts, and the location's own. */
export interface OrderRoute {
  readonly main?: string
  readonly http?: string
  readonly server?: string
  readonly location: string
  readonly files?: Readonly<Record<string, string | Buffer>>
  readonly env?: Readonly<Record<string, string>>
}

/** Conf of the application of orders. `further`: directives of its block. */
export function orderApplication(workers: number, protocol: string, further = ''): string {
  const env = `env ORDER_BOOK=%PREFIX%/${BOOK}; env RELEASE_FILE=%PREFIX%/${RELEASE}; ${further}`
  return `app orders { entry ${ENTRY}; workers ${workers}; protocol ${protocol}; heartbeat 5s; ${env} }`
}

export class OrderServer {
  readonly portico: PorticoServer
  readonly port: number
  readonly log: ErrorLog
  /** Of whom the log says that they ended by a signal, because we sent it. */
  readonly #killed = new Set<number>()

  private constructor(portico: PorticoServer, port: number) {
    this.portico = portico
    this.port = port
    this.log = new ErrorLog(portico.path('logs/error.log'))
  }

  static async start({
    main = '',
    http = '',
    server = '',
    location,
    files,
    env,
  }: OrderRoute): Promise<OrderServer> {
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
            ${server}
          }
        }`,
      files: {
        [`www${FILE_PATH}`]: FILE_TEXT,
        [BOOK]: '',
        [RELEASE]: '0',
        'logs/error.log': '',
        ...files,
      },
      ...(env && { env }),
      startTimeoutMs: READY_LIMIT_MS,
    })
    return new OrderServer(portico, port)
  }

  /** With an application of its own, over the protocol. */
  static withApplication(workers: number, protocol: string): Promise<OrderServer> {
    return OrderServer.start({ main: orderApplication(workers, protocol), location: 'app_pass orders;' })
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
    return this.log.workers(prefix)
  }

  /** A process that ended by our signal, though not by this class. */
  expectEnd(pid: number): void {
    this.#killed.add(pid)
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
  alerts(): Alert[] {
    this.log.read()
    return this.log.alerts.filter(({ line }) => {
      const pid = /\(process (\d+)\) (?:exited on signal SIGKILL|gave no heartbeat)\b/.exec(line)?.[1]
      return pid === undefined || !this.#killed.has(Number(pid))
    })
  }

  async stop(): Promise<void> {
    await this.portico.stop()
  }
}

/** Applications that are called in this process: each has a socket of its own, and the front speaks FastCGI to it. */
import { ApplicationServer } from '../app/application-server.ts'
import type { Places } from '../cli/load-conf.ts'
import { privateAddress } from '../cli/private-address.ts'
import type { AppPeers, Apps } from '../front/upstream/upstream-groups.ts'
import type { Application } from '../gateway/application.ts'
import { makeOwnFolder } from '../io/files/project-files.ts'
import { listenAt, type Listener } from '../io/listener.ts'
import type { LogLine } from './log-line.ts'

let servers = 0

export class InProcessApps {
  readonly #peers = new Map<string, AppPeers>()
  readonly #running: { readonly server: ApplicationServer; readonly listener: Listener }[] = []

  static async start(
    applications: Readonly<Record<string, Application>>,
    places: Places,
    onLog: LogLine = () => undefined,
  ): Promise<InProcessApps> {
    const apps = new InProcessApps()
    const own = (servers += 1)
    for (const [name, application] of Object.entries(applications))
      await apps.#start(name, application, `${name}.${process.pid}.${own}`, places, onLog)
    return apps
  }

  get peers(): Apps {
    return this.#peers
  }

  async #start(
    name: string,
    application: Application,
    socketName: string,
    places: Places,
    onLog: LogLine,
  ): Promise<void> {
    const address = privateAddress(socketName, places)
    if (address.kind === 'unix') makeOwnFolder(address.path)
    const server = new ApplicationServer({
      application,
      protocol: 'fastcgi',
      log: { log: onLog },
      multiprocess: false,
    })
    const listener = await listenAt(address, (socket) => server.accept(socket))
    this.#running.push({ server, listener })
    this.#peers.set(name, { protocol: 'fastcgi', addresses: [address] })
  }

  /** The front has closed: what it kept open is idle. */
  async close(): Promise<void> {
    for (const { server, listener } of this.#running.splice(0)) {
      listener.close()
      await server.drain(0)
    }
  }
}

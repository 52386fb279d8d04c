/** Both tiers under everything at once: what runs, what happened to it, and what it comes to. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Alert } from './error-log.ts'
import type { Kill } from './order-book.ts'
import { OrderLoad } from './order-load.ts'
import { orderApplication, OrderServer } from './order-server.ts'
import { describeDrift, HeapFolder, leaksOf, ProcessSamples } from './process-samples.ts'
import type { ScenarioReport } from './scenario.ts'
import { SmallDisk } from './small-disk.ts'
import { TroubledUpstream } from './troubled-upstream.ts'
import { CHAT_PATH, LARGE_BYTES, LARGE_PATH, LONG_PATH, PROXIED_PATH, visitKinds } from './visit-kinds.ts'
import { describeVisit, ofOrder, Visitors, type VisitFailure } from './visitors.ts'

const CHAT = fileURLToPath(new URL('../system/fixtures/chat.mjs', import.meta.url))
/** That a worker may have. */
export const DESCRIPTORS = 256
const CLOCK = new URL('moved-clock.ts', import.meta.url)
/** From when something fails until its client has seen it, on a busy machine. */
const SEEN_MS = 2000
/** Front workers' log lines are read by then. */
const READ_MS = 5000
/** A line through less says nothing. */
const LEAST_DRIFT_MS = 5 * 60_000

/** Something that makes requests fail, from when to when, on the clock of `performance.now()`. */
export interface Cause {
  readonly fromMs: number
  readonly toMs: number
  /** Whether a failure of that time is of its making. */
  readonly explains: (failure: VisitFailure) => boolean
  /** What a server has to say of it at a level that nobody should find otherwise. */
  readonly said?: RegExp
}

/** What happened, and what it is a cause of. */
export interface Happening {
  readonly name: string
  readonly causes: readonly Cause[]
}

export class ChaosStage {
  readonly server: OrderServer
  readonly troubled: readonly [TroubledUpstream, TroubledUpstream]
  readonly disk: SmallDisk | undefined
  readonly orders: OrderLoad
  readonly kills: Kill[] = []
  readonly happenings: Happening[] = []
  readonly faults: string[] = []
  readonly #steady: TroubledUpstream
  readonly #visitors: Visitors
  readonly #samples: ProcessSamples
  readonly #clock: string
  readonly #heaps: HeapFolder

  private constructor(
    server: OrderServer,
    upstreams: readonly [TroubledUpstream, TroubledUpstream, TroubledUpstream],
    disk: SmallDisk | undefined,
    clock: string,
    heaps: HeapFolder,
  ) {
    this.server = server
    this.troubled = [upstreams[0], upstreams[1]]
    this.#steady = upstreams[2]
    this.disk = disk
    this.#clock = clock
    this.#heaps = heaps
    this.orders = new OrderLoad({ port: server.port, kept: 6, fresh: 3, pauseMs: 12 })
    this.#visitors = new Visitors(server.port, visitKinds())
    this.#samples = new ProcessSamples(server.portico.pid ?? 0, heaps, () => server.log.read())
  }

  static async start(protocol: string): Promise<ChaosStage> {
    const upstream = (): Promise<TroubledUpstream> => TroubledUpstream.start()
    const upstreams = [await upstream(), await upstream(), await upstream()] as const
    const disk = SmallDisk.mount()
    const clock = join(mkdtempSync(join(tmpdir(), 'soak-clock-')), 'offset')
    writeFileSync(clock, '0')
    const heaps = new HeapFolder()
    const env = { NODE_OPTIONS: `${heaps.nodeOptions} --import=${CLOCK.href}?${encodeURI(clock)}` }
    const listed = `env "NODE_OPTIONS=${env.NODE_OPTIONS}";`
    const server = await OrderServer.start({
      main: `${orderApplication(2, protocol, listed)} app chat { entry ${CHAT}; ${listed} }
        worker_rlimit_nofile ${DESCRIPTORS}; worker_shutdown_timeout 60s;`,
      ...routes(upstreams, disk),
      location: 'app_pass orders;',
      files: { [`www${LARGE_PATH}`]: Buffer.alloc(LARGE_BYTES, 'l') },
      env,
    })
    return new ChaosStage(server, upstreams, disk, clock, heaps)
  }

  get requests(): number {
    return this.orders.total + this.#visitors.total
  }

  get failed(): number {
    return this.orders.failures.length + this.#visitors.failures.length
  }

  /** The time of day of all processes, off by so many seconds. */
  setClock(seconds: number): void {
    writeFileSync(this.#clock, String(seconds))
  }

  /** Ends the load and says what became of it. */
  async report(): Promise<ScenarioReport> {
    await Promise.all([this.orders.stop(), this.#visitors.stop()])
    this.#samples.stop()
    const expected: Record<string, number> = {}
    const faults = [...this.faults]
    for (const failure of this.#visitors.failures) this.#lay(failure, expected, faults)
    const left = this.orders.failures.filter((failure) => {
      if (this.#excuse(ofOrder(failure), expected)) return false
      if (failure.verb === 'POST') return true
      faults.push(describeVisit(ofOrder(failure)))
      return false
    })
    const { server, orders, kills } = this
    const verdict = server.book().judge(orders.receipts, left, kills, server.failedAddresses())
    expected['orders begun by a killed process'] = verdict.begun
    expected['orders sent to it, not read'] = verdict.unread
    const drifts = this.#samples.drifts(LEAST_DRIFT_MS)
    faults.push(...verdict.faults, ...this.#alerts(), ...drifts.flatMap(leaksOf))
    if (faults.length > 0) this.#keepLogs()
    return {
      requests: this.requests,
      answered: { ...orders.answered, ...Object.fromEntries(this.#visitors.done) },
      expected,
      faults,
      figures: {
        ...this.#happened(),
        'slowest order, ms': Math.round(orders.slowestMs),
        ...Object.fromEntries(
          drifts.map((drift) => [`\n  ${drift.role} ${drift.pid}`, describeDrift(drift)]),
        ),
      },
    }
  }

  async close(): Promise<void> {
    this.#samples.stop()
    await this.server.stop()
    for (const upstream of [...this.troubled, this.#steady]) upstream.close()
    this.disk?.unmount()
    this.#heaps.remove()
    rmSync(join(this.#clock, '..'), { recursive: true })
  }

  #lay(failure: VisitFailure, expected: Record<string, number>, faults: string[]): void {
    if (!this.#excuse(failure, expected)) faults.push(describeVisit(failure))
  }

  #excuse(failure: VisitFailure, expected: Record<string, number>): boolean {
    const { failedMs } = failure
    const happening = this.happenings.find(({ causes }) =>
      causes.some(
        ({ fromMs, toMs, explains }) => failedMs >= fromMs && failedMs <= toMs + SEEN_MS && explains(failure),
      ),
    )
    if (!happening) return false
    const what = failure.kind === 'status' ? failure.detail : failure.kind
    const reason = `${happening.name}: ${failure.client} ${what}`
    expected[reason] = (expected[reason] ?? 0) + 1
    return true
  }

  /** A full disk and no descriptors are to be said, as nginx does; where they did not happen, nobody says so. */
  #alerts(): string[] {
    const causes = this.happenings.flatMap((happening) => happening.causes)
    const isDue = ({ line, readMs }: Alert): boolean =>
      causes.some(
        ({ fromMs, toMs, said }) => readMs >= fromMs && readMs <= toMs + READ_MS && said?.test(line) === true,
      )
    return this.server.alerts().flatMap((alert) => (isDue(alert) ? [] : [alert.line]))
  }

  /** The server's folder is removed; what went wrong is to be looked for afterwards. */
  #keepLogs(): void {
    const folder = mkdtempSync(join(tmpdir(), 'soak-logs-'))
    for (const name of ['error.log', 'access.log'])
      copyFileSync(this.server.portico.path(`logs/${name}`), join(folder, name))
    console.log(`logs are kept in ${folder}`)
  }

  #happened(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { name } of this.happenings) counts[name] = (counts[name] ?? 0) + 1
    return counts
  }
}

function routes(
  [first, second, steady]: readonly [TroubledUpstream, TroubledUpstream, TroubledUpstream],
  disk: SmallDisk | undefined,
): { http: string; server: string } {
  const folder = disk?.path
  const temporary = folder
    ? `client_body_temp_path ${folder}/body; app_temp_path ${folder}/app; proxy_temp_path ${folder}/proxy;`
    : ''
  const kept = 'proxy_http_version 1.1; proxy_set_header Connection "";'
  return {
    http: `${temporary}
      upstream troubled {
        zone troubled 64k;
        server 127.0.0.1:${first.port} fail_timeout=2s;
        server 127.0.0.1:${second.port} fail_timeout=2s;
        keepalive 8;
      }
      upstream steady { server 127.0.0.1:${steady.port}; keepalive 4; }`,
    server: `
      location = ${PROXIED_PATH} {
        proxy_pass http://troubled; proxy_next_upstream error timeout invalid_header; proxy_read_timeout 4s; ${kept}
      }
      location = ${LONG_PATH} { proxy_pass http://steady; ${kept} }
      location = ${CHAT_PATH} { app_pass chat; }`,
  }
}

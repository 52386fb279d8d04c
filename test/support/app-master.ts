/** A master over real application workers that serve test/app/fixtures/site.ts (or another entry). */
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AppProtocol } from '../../src/app/application-server.ts'
import type { AppConf } from '../app/fixtures/app-master.ts'

const START_TIMEOUT_MS = 45_000

export interface AppMasterOptions {
  readonly protocol: AppProtocol
  readonly count?: number
  readonly entry?: string
  readonly heartbeatTimeoutMs?: number
}

export class AppMasterUnderTest {
  readonly folder = mkdtempSync(join(tmpdir(), 'app-master-'))
  readonly socketPath = join(this.folder, 'app.sock')
  readonly exited: Promise<number | null>
  log = ''
  readonly #child: ChildProcess
  readonly #count: number

  constructor({ protocol, count = 1, entry, heartbeatTimeoutMs }: AppMasterOptions) {
    // nginx's workers are another user
    chmodSync(this.folder, 0o755)
    this.#count = count
    const conf: AppConf = {
      listen: `unix:${this.socketPath}`,
      count,
      boot: { entry: entry ?? fixture('site.ts'), protocol },
      ...(heartbeatTimeoutMs !== undefined && { heartbeatTimeoutMs }),
    }
    this.#child = spawn(process.execPath, [fixture('app-master.ts'), JSON.stringify(conf)], {
      stdio: ['ignore', 'inherit', 'pipe'],
    })
    this.#child.stderr?.on('data', (bytes: Buffer) => (this.log += bytes.toString()))
    this.exited = new Promise((resolve) => this.#child.once('close', (code) => resolve(code)))
  }

  /** Process ids of workers that have become ready, dead ones too. */
  get workers(): number[] {
    return [...this.log.matchAll(/process ([0-9]+)\) is ready/g)].map(([, pid]) => Number(pid))
  }

  async ready(): Promise<this> {
    await this.waitFor(() => this.workers.length >= this.#count, 'the workers')
    return this
  }

  async waitFor(condition: () => boolean, what: string): Promise<void> {
    const deadline = performance.now() + START_TIMEOUT_MS
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`waited in vain for ${what}; the log:\n${this.log}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.exited
    rmSync(this.folder, { recursive: true })
  }
}

function fixture(name: string): string {
  return new URL(`../app/fixtures/${name}`, import.meta.url).pathname
}

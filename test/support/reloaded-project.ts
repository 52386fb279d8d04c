/** A project under `portico dev` that changes, and changes, and what is left of it in the process. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DevProcess } from './dev-process.ts'

const CONF = `events {}
app site { entry wsgi.ts; }
http { server { listen 127.0.0.1:8080; location / { app_pass site; } } }
`

const REPORTER = new URL('heap-reporter.ts', import.meta.url).href

/** Compiled code is memory that grows for as long as something becomes hot: without it, what grows is kept. */
const INTERPRETED = ['--no-opt', '--no-maglev', '--no-sparkplug']

export interface Heap {
  readonly bytes: number
  /** Objects of threads that are not collected: those that run, and those that are kept. */
  readonly threads: number
}

export class ReloadedProject {
  readonly dev: DevProcess
  readonly #folder: string
  readonly #origin: string
  #version = 0

  private constructor(folder: string, dev: DevProcess) {
    this.#folder = folder
    this.dev = dev
    this.#origin = dev.origin
  }

  /** `interpreted` makes the heap comparable over few reloads. */
  static async start({ interpreted }: { readonly interpreted: boolean }): Promise<ReloadedProject> {
    const folder = mkdtempSync(join(tmpdir(), 'portico-reloaded-'))
    mkdirSync(join(folder, 'conf'))
    writeFileSync(join(folder, 'conf/portico.conf'), CONF)
    writeFileSync(join(folder, 'wsgi.ts'), entry(0))
    const nodeArgs = ['--expose-gc', `--import=${REPORTER}`, ...(interpreted ? INTERPRETED : [])]
    return new ReloadedProject(folder, await DevProcess.start({ folder, nodeArgs }))
  }

  /** Changes the entry; answers after how many ms the change was served. */
  async reload(): Promise<number> {
    const version = (this.#version += 1)
    const startMs = performance.now()
    writeFileSync(join(this.#folder, 'wsgi.ts'), entry(version))
    while ((await this.#get()) !== `version ${version}`);
    return performance.now() - startMs
  }

  async #get(): Promise<string> {
    return (await fetch(this.#origin)).text()
  }

  async heap(): Promise<Heap> {
    const pattern = /heap (\d+) bytes, (\d+) threads/
    this.dev.output = ''
    this.dev.child.kill('SIGUSR2')
    await this.dev.waitFor(pattern)
    const [, bytes, threads] = pattern.exec(this.dev.output) ?? []
    return { bytes: Number(bytes), threads: Number(threads) }
  }

  async stop(): Promise<number | null> {
    const code = await this.dev.stop()
    rmSync(this.#folder, { recursive: true, force: true })
    return code
  }
}

const entry = (
  version: number,
): string => `export function application(environ: unknown, startResponse: any) {
  startResponse('200 OK', [['Content-Type', 'text/plain']])
  return [Buffer.from('version ${version}')]
}
`

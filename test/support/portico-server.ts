/** Real Portico processes in a folder of their own, for system tests. */
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'

/** The built program where `npm test` built it, else the sources. */
const MAIN = process.env['PORTICO_CLI'] ?? fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const START_TIMEOUT_MS = 45_000

export interface PorticoOptions {
  /** The conf. `%PREFIX%` stands for the server's folder, `%PORT%` for a port that was free (`PorticoServer.port`). */
  readonly conf: string
  /** Files under the folder, by path. */
  readonly files?: Readonly<Record<string, string | Buffer>>
  readonly args?: readonly string[]
  /** Variables of the environment beside our own. */
  readonly env?: Readonly<Record<string, string>>
  /** For many workers. */
  readonly startTimeoutMs?: number
  /** Of the folder; for the starter alone by default. */
  readonly mode?: number
}

export class PorticoServer {
  readonly folder: string
  readonly child: ChildProcess
  /** What the master and its workers wrote to stdout and stderr. */
  output = ''
  readonly exited: Promise<number | null>
  readonly #port: number | undefined

  private constructor(folder: string, child: ChildProcess, port: number | undefined) {
    this.folder = folder
    this.child = child
    this.#port = port
    const take = (bytes: Buffer): void => {
      this.output += bytes.toString('latin1')
    }
    child.stdout?.on('data', take)
    child.stderr?.on('data', take)
    this.exited = new Promise((resolve) => child.on('close', (code) => resolve(code)))
  }

  /** Starts it and waits until its pid file is there, which means that it serves. */
  static async start(options: PorticoOptions): Promise<PorticoServer> {
    const folder = mkdtempSync(join(tmpdir(), 'portico-test-'))
    if (options.mode !== undefined) chmodSync(folder, options.mode)
    const port = options.conf.includes('%PORT%') ? await freePort() : undefined
    writeTree(folder, { ...options, conf: options.conf.replaceAll('%PORT%', String(port)) })
    const server = new PorticoServer(folder, spawnPortico(folder, options.args ?? [], options.env), port)
    await server.waitFor(() => server.pid !== undefined, 'its pid file', options.startTimeoutMs)
    return server
  }

  /** What `%PORT%` stands for. */
  get port(): number {
    if (this.#port === undefined) throw new Error('the conf names no %PORT%')
    return this.#port
  }

  /** Process id of the master as its pid file says. */
  get pid(): number | undefined {
    try {
      return Number(readFileSync(join(this.folder, 'run/portico.pid'), 'latin1')) || undefined
    } catch {
      return undefined
    }
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  read(name: string): string {
    try {
      return readFileSync(this.path(name), 'latin1')
    } catch {
      return ''
    }
  }

  write(name: string, content: string | Buffer): void {
    mkdirSync(dirname(this.path(name)), { recursive: true })
    writeFileSync(this.path(name), content)
  }

  /** Polls until the condition holds; fails with the server's output. */
  async waitFor(condition: () => boolean, what: string, timeoutMs = START_TIMEOUT_MS): Promise<void> {
    const end = performance.now() + timeoutMs
    while (!condition()) {
      if (performance.now() > end || this.child.exitCode !== null) {
        throw new Error(`waited in vain for ${what}; the server wrote:\n${this.output}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  move(from: string, to: string): void {
    renameSync(this.path(from), this.path(to))
  }

  /** Runs a command of the binary in the same folder, to its end. */
  command(args: readonly string[]): Promise<PorticoRun> {
    return finish(this.folder, spawnPortico(this.folder, args))
  }

  /** Runs a command of the binary that takes its own options, to its end. */
  bare(args: readonly string[]): Promise<PorticoRun> {
    return finish(
      this.folder,
      spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] }),
    )
  }

  /** Runs a command that has a name (`status`) for this server, to its end. */
  named(name: string, args: readonly string[] = []): Promise<PorticoRun> {
    const stdio = ['ignore', 'pipe', 'pipe'] as const
    return finish(
      this.folder,
      spawn(process.execPath, [MAIN, name, '-p', this.folder, ...args], { stdio: [...stdio] }),
    )
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name)
  }

  /** Ends it, resolves to the exit code, removes its folder. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal)
    const late = setTimeout(() => this.child.kill('SIGKILL'), 10_000)
    const code = await this.exited
    clearTimeout(late)
    rmSync(this.folder, { recursive: true, force: true })
    return code
  }
}

function writeTree(folder: string, { conf, files }: PorticoOptions): void {
  const all = { 'conf/portico.conf': conf.replaceAll('%PREFIX%', folder), ...files }
  for (const [name, content] of Object.entries(all)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
}

function spawnPortico(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(process.execPath, [MAIN, '-p', folder, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
}

export interface PorticoRun {
  readonly code: number | null
  readonly output: string
}

/** Runs a command of the binary to its end (`-t`, `-s`, a start that fails). */
export async function runPortico(options: PorticoOptions): Promise<PorticoRun> {
  const folder = mkdtempSync(join(tmpdir(), 'portico-test-'))
  writeTree(folder, options)
  const run = await finish(folder, spawnPortico(folder, options.args ?? []))
  rmSync(folder, { recursive: true, force: true })
  return run
}

async function finish(folder: string, child: ChildProcess): Promise<PorticoRun> {
  let output = ''
  child.stdout?.on('data', (bytes: Buffer) => (output += bytes.toString('latin1')))
  child.stderr?.on('data', (bytes: Buffer) => (output += bytes.toString('latin1')))
  const late = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  clearTimeout(late)
  return { code, output: output.replaceAll(folder, '%PREFIX%') }
}

/** A real `portico dev` in a folder that is there, for system tests. */
import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The built program where `npm test` built it, else the sources. */
const MAIN = process.env['PORTICO_CLI'] ?? fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const TIMEOUT_MS = 60_000

export interface DevProcessOptions {
  readonly folder: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Of the runtime, before the program. */
  readonly nodeArgs?: readonly string[]
}

export class DevProcess {
  readonly child: ChildProcess
  output = ''
  readonly #exited: Promise<number | null>

  private constructor({ folder, args = ['-p', '0'], env, nodeArgs = [] }: DevProcessOptions) {
    this.child = spawn(process.execPath, [...nodeArgs, MAIN, 'dev', ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    const take = (bytes: Buffer): void => {
      this.output += bytes.toString()
    }
    this.child.stdout?.on('data', take)
    this.child.stderr?.on('data', take)
    this.#exited = new Promise((resolve) => this.child.on('close', resolve))
  }

  /** Waits until it says where it serves. */
  static async start(options: DevProcessOptions): Promise<DevProcess> {
    const dev = new DevProcess(options)
    await dev.waitFor(/serving http/)
    return dev
  }

  get port(): number {
    return Number(/serving http:\/\/\S+:(\d+)\//.exec(this.output)?.[1])
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`
  }

  async waitFor(pattern: RegExp): Promise<void> {
    const end = performance.now() + TIMEOUT_MS
    while (!pattern.test(this.output)) {
      if (performance.now() > end || this.child.exitCode !== null)
        throw new Error(`waited in vain for ${String(pattern)}; it wrote:\n${this.output}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  /** Resolves to the exit code. */
  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM')
    const late = setTimeout(() => this.child.kill('SIGKILL'), 20_000)
    const code = await this.#exited
    clearTimeout(late)
    return code
  }
}

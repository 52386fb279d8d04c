/**
 * A root folder that holds the executable, the libraries that it is linked with, and nothing else: no runtime, no npm,
 * no shell, and no network. Where namespaces cannot be had it is an empty folder and an empty environment.
 */
import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const WAIT_MS = 60_000

export interface Ended {
  readonly code: number | null
  readonly output: string
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** A command that runs in the jail. */
export class Inmate {
  readonly child: ChildProcess
  /** With all of its output. */
  readonly ended: Promise<Ended>
  /** A successor may have its pipes. */
  readonly exited: Promise<void>
  output = ''

  constructor(child: ChildProcess) {
    this.child = child
    const take = (bytes: Buffer): void => void (this.output += bytes.toString())
    child.stdout?.on('data', take)
    child.stderr?.on('data', take)
    this.ended = new Promise((resolve) => child.on('close', (code) => resolve({ code, output: this.output })))
    this.exited = new Promise((resolve) => child.on('exit', () => resolve()))
  }

  async says(pattern: RegExp): Promise<void> {
    await waitFor(
      () => pattern.test(this.output) || undefined,
      () => `${pattern}; it said\n${this.output}`,
    )
  }
}

export class Jail {
  readonly root = mkdtempSync(join(tmpdir(), 'portico-jail-'))
  readonly isChroot = spawnSync('unshare', ['--mount', '--net', 'true']).status === 0
  readonly #inmates: Inmate[] = []

  constructor(executable: string) {
    for (const folder of ['dev', 'proc', 'tmp', 'home']) mkdirSync(join(this.root, folder))
    this.install(executable)
    if (this.isChroot) for (const library of librariesOf(executable)) this.#copy(library, library)
  }

  /** In the place of the one that is there, which may be running. */
  install(executable: string): void {
    const path = join(this.root, 'home/portico')
    rmSync(path, { force: true })
    copyFileSync(executable, path)
  }

  #copy(from: string, to: string): void {
    mkdirSync(dirname(join(this.root, to)), { recursive: true })
    copyFileSync(from, join(this.root, to))
  }

  /** Path outside of what has this path in the jail's home. */
  path(name: string): string {
    return join(this.root, 'home', name)
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true })
    writeFileSync(this.path(name), text)
  }

  read(name: string): string {
    return existsSync(this.path(name)) ? readFileSync(this.path(name), 'utf8') : ''
  }

  /** Process id in a file; 0 where there is none. */
  pidIn(name: string): number {
    return Number(this.read(name)) || 0
  }

  /** `../portico` in the folder `shop`: the first word is looked for below `folder`. */
  start(folder: string, command: readonly [string, ...string[]]): Inmate {
    const options: SpawnOptions = { env: {}, stdio: ['ignore', 'pipe', 'pipe'] }
    const child = this.isChroot
      ? spawn(
          'unshare',
          ['--mount', '--net', '/bin/sh', '-c', ENTER, 'sh', this.root, join('/home', folder), ...command],
          {
            ...options,
            env: { PATH: process.env['PATH'] },
          },
        )
      : spawn(join(this.path(folder), command[0]), command.slice(1), { ...options, cwd: this.path(folder) })
    const inmate = new Inmate(child)
    this.#inmates.push(inmate)
    return inmate
  }

  run(folder: string, ...command: [string, ...string[]]): Promise<Ended> {
    return this.start(folder, command).ended
  }

  /** Over a unix socket, which needs no network. */
  get(socket: string, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = {
        socketPath: this.path(socket),
        path,
        headers: { Host: 'localhost', ...headers },
        agent: false,
      }
      const asked = request(options, (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (text: string) => (body += text))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        )
      })
      asked.on('error', reject)
      asked.end()
    })
  }

  /** The first answer that is as it should be. */
  async answers(socket: string, path: string, isRight: (answer: Answer) => boolean): Promise<Answer> {
    let last: unknown
    return waitFor(
      async () => {
        const answer = await this.get(socket, path).catch((error: unknown) => void (last = error))
        if (answer !== undefined) last = answer.status
        return answer !== undefined && isRight(answer) ? answer : undefined
      },
      () => `${path}; last seen: ${String(last)}; ${this.#inmates.at(-1)?.output ?? ''}`,
    )
  }

  async close(): Promise<void> {
    for (const { child } of this.#inmates) if (child.exitCode === null) child.kill('SIGTERM')
    await Promise.all(this.#inmates.map(({ exited }) => exited))
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** $1 the root, $2 the folder in it, then the command. The mounts end with the process. */
const ENTER = `
mount --bind /dev "$1/dev" && mount --bind /proc "$1/proc" || exit 70
root=$1 folder=$2; shift 2
exec env -i "$(command -v unshare)" --root="$root" --wd="$folder" "$@"`

function librariesOf(executable: string): string[] {
  const { stdout } = spawnSync('ldd', [executable], { encoding: 'utf8' })
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? '')
}

export async function waitFor<T>(
  look: () => T | undefined | Promise<T | undefined>,
  what: () => string,
): Promise<T> {
  const end = performance.now() + WAIT_MS
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > end) throw new Error(`waited in vain for ${what()}`)
    await sleep(20)
  }
}

import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where Debian keeps the server's programs; the newest version. */
function programs(): string | null {
  const root = '/usr/lib/postgresql'
  if (!existsSync(root)) return null
  const version = readdirSync(root)
    .sort((a, b) => Number(b) - Number(a))
    .find((v) => existsSync(join(root, v, 'bin/initdb')))
  return version === undefined ? null : join(root, version, 'bin')
}

export const postgresPrograms = programs()

/** The server refuses to run as root. */
const asServer: readonly string[] = process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--'] : []

function command(program: string, args: readonly string[]): [string, string[]] {
  const [first, ...rest] = [...asServer, program, ...args]
  return [first ?? program, rest]
}

/** A PostgreSQL of the test's own, in a temporary folder, reached through a socket in it. */
export class PostgresServer {
  readonly #bin: string
  readonly #folder: string
  #process: ChildProcess | null = null

  constructor(bin: string) {
    this.#bin = bin
    this.#folder = mkdtempSync(join(tmpdir(), 'portico-postgres-'))
  }

  get url(): string {
    return `postgres://postgres@localhost/postgres?host=${encodeURIComponent(this.#folder)}`
  }

  async start(): Promise<void> {
    if (!existsSync(join(this.#folder, 'data'))) {
      chmodSync(this.#folder, 0o777)
      // Text in the order of its bytes, as SQLite has it: the same tests give the same rows.
      const options = [
        '-D',
        join(this.#folder, 'data'),
        '-U',
        'postgres',
        '--auth=trust',
        '--locale=C',
        '-E',
        'UTF8',
        '--no-sync',
      ]
      execFileSync(...command(join(this.#bin, 'initdb'), options), { stdio: 'ignore', cwd: '/' })
    }
    const options = [
      '-D',
      join(this.#folder, 'data'),
      '-k',
      this.#folder,
      '-c',
      'listen_addresses=',
      '-c',
      'fsync=off',
    ]
    this.#process = spawn(...command(join(this.#bin, 'postgres'), options), { stdio: 'ignore', cwd: '/' })
    for (let i = 0; i < 200; i++) {
      try {
        execFileSync(join(this.#bin, 'pg_isready'), ['-h', this.#folder, '-q'])
        return
      } catch {
        await sleep(50)
      }
    }
    throw new Error('PostgreSQL did not start')
  }

  /** Closes every connection at once. */
  async stop(): Promise<void> {
    const child = this.#process
    this.#process = null
    if (child === null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    execFileSync(
      ...command(join(this.#bin, 'pg_ctl'), ['-D', join(this.#folder, 'data'), '-m', 'fast', 'stop']),
      { stdio: 'ignore', cwd: '/' },
    )
    await ended
  }

  async destroy(): Promise<void> {
    await this.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

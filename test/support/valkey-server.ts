import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const PROGRAMS = ['/usr/bin/valkey-server', '/usr/bin/redis-server']

/** A Valkey or Redis of the test's own, on a unix socket in a temporary folder; no port unless one is given. */
export class ValkeyServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'portico-valkey-'))
  readonly #options: readonly string[]
  #process: ChildProcess | null = null

  /** @param options more of the server's own: `'--port', '7000'` */
  constructor(options: readonly string[] = []) {
    this.#options = options
  }

  get path(): string {
    return join(this.#folder, 'socket')
  }

  url(query = ''): string {
    return `unix://${this.path}${query}`
  }

  async start(): Promise<void> {
    const program = PROGRAMS.find((path) => existsSync(path))
    if (program === undefined) throw new Error('neither valkey-server nor redis-server is installed')
    const own = ['--port', '0', '--unixsocket', this.path, '--save', '', '--dir', this.#folder]
    this.#process = spawn(program, [...own, ...this.#options], { stdio: 'ignore' })
    for (let i = 0; i < 600; i++) {
      if (await this.#answers()) return
      await sleep(25)
    }
    throw new Error('the cache server did not start')
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = createConnection(this.path, () => socket.write('PING\r\n'))
      const done = (isUp: boolean): void => {
        socket.destroy()
        resolve(isUp)
      }
      socket.on('error', () => done(false)).on('data', () => done(true))
    })
  }

  /** Brings the end of everything nearer, as if time had passed. */
  async age(ms: number): Promise<void> {
    await this.command(
      'EVAL',
      `for _, key in ipairs(redis.call('KEYS', '*')) do
         local left = redis.call('PTTL', key)
         if left >= 0 then redis.call('PEXPIRE', key, string.format('%.0f', left - ARGV[1])) end
       end`,
      '0',
      String(ms),
    )
  }

  /** One command on a connection of its own; the answer as it came. */
  command(...words: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(this.path)
      socket.on('error', reject)
      socket.once('data', (data) => {
        socket.destroy()
        resolve(data.toString())
      })
      const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
      socket.write(`*${words.length}\r\n${parts.join('')}`)
    })
  }

  /** Holds it: connections are accepted, and nothing answers. */
  freeze(): void {
    this.#process?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process?.kill('SIGCONT')
  }

  /** Ends it without a word, as a crash would. */
  async stop(): Promise<void> {
    const child = this.#process
    this.#process = null
    if (child === null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }

  async destroy(): Promise<void> {
    await this.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

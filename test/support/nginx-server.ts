/** Real nginx on TCP ports of the test's choice, to compare whole exchanges with. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export class NginxServer {
  readonly folder: string
  readonly #child: ChildProcess
  readonly #exited: Promise<void>

  private constructor(folder: string, child: ChildProcess) {
    this.folder = folder
    this.#child = child
    this.#exited = new Promise((resolve) => child.once('close', () => resolve()))
  }

  /** `http` is the content of the block `http { }`. Resolves when `port` takes connections. */
  static async start(path: string, http: string, port: number): Promise<NginxServer> {
    const folder = mkdtempSync(join(tmpdir(), 'portico-nginx-'))
    mkdirSync(join(folder, 'logs'))
    writeFileSync(join(folder, 'nginx.conf'), nginxConf(folder, http))
    const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'start.log')]
    const server = new NginxServer(folder, spawn(path, args, { stdio: 'inherit' }))
    for (let tries = 0; !(await answers(port)); tries += 1) {
      if (tries > 200)
        throw new Error(`nginx did not start:\n${readFileSync(join(folder, 'start.log'), 'latin1')}`)
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    return server
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'latin1')
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#exited
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** What of a conf is nginx's own business: processes and folders for temporary files. */
export function nginxConf(folder: string, http: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
    daemon off;
    master_process off;
    pid ${folder}/nginx.pid;
    error_log ${folder}/logs/error.log info;
    events { worker_connections 256; }
    http {
      ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
      ${http}
    }`
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

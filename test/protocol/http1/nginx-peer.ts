/** A real nginx on a unix socket, to compare answers with. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface NginxPeer {
  /** Sends the bytes and gives everything that comes back until nginx closes. */
  ask(bytes: Buffer): Promise<string>
  errorLog(): string
  stop(): Promise<void>
}

const BETWEEN = '<|>'

/** What the location `/` answers: the canonical request as nginx sees it. */
export interface Seen {
  method: string
  uri: string
  args: string
  requestUri: string
  host: string
}

export function parseSeen(body: string): Seen {
  const [method = '', uri = '', args = '', requestUri = '', host = ''] = body.split(BETWEEN)
  return { method, uri, args, requestUri, host }
}

const CONF = (folder: string) => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log info;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  # the client closes its side behind the request
  proxy_ignore_client_abort on;
  server {
    listen unix:${folder}/front.sock;
    location / { return 200 "$request_method${BETWEEN}$uri${BETWEEN}$args${BETWEEN}$request_uri${BETWEEN}$host"; }
    location = /body { proxy_pass http://unix:${folder}/back.sock; }
    location /files/ { root ${folder}; }
    location /files/three { root ${folder}; max_ranges 3; }
    location /files/before { root ${folder}; if_modified_since before; }
  }
  server {
    listen unix:${folder}/back.sock;
    location / { return 200 "body"; }
  }
}
`

/** `files` are served under /files/, by name. */
export async function startNginx(path: string, files: Record<string, string> = {}): Promise<NginxPeer> {
  const folder = mkdtempSync(join(tmpdir(), 'portico-nginx-'))
  writeFileSync(join(folder, 'nginx.conf'), CONF(folder))
  mkdirSync(join(folder, 'files'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, 'files', name), content)
  const nginx = spawn(
    path,
    ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')],
    {
      stdio: 'inherit',
    },
  )
  const exited = new Promise<void>((resolve) => nginx.once('exit', () => resolve()))
  const ask = (bytes: Buffer) => exchange(join(folder, 'front.sock'), bytes)
  for (let tries = 0; tries < 100; tries++) {
    const answer = await ask(Buffer.from('GET / HTTP/1.0\r\n\r\n')).catch(() => '')
    if (answer.startsWith('HTTP/1.1 200')) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    ask,
    errorLog: () => readFileSync(join(folder, 'error.log'), 'latin1'),
    stop: async () => {
      nginx.kill('SIGTERM')
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function exchange(path: string, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true })
    let answer = ''
    socket.setEncoding('latin1')
    socket.setTimeout(5000, () => socket.destroy(new Error('no answer')))
    socket.on('data', (text: string) => (answer += text))
    // nginx may refuse and close before it has read everything
    socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)))
    socket.on('close', () => resolve(answer))
    socket.on('end', () => socket.destroy())
    socket.end(bytes)
  })
}

/** Status of the final response, 0 when there was none. HTTP/0.9 has no status line, only the page. */
export function statusOf(answer: string): number {
  const final = answer.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '')
  const status = /^(?:HTTP\/1\.1 |<html>\r\n<head><title>)(\d{3}) /.exec(final)?.[1]
  return Number(status ?? (final === '' ? 0 : 200))
}

export function bodyOf(answer: string): string {
  const end = answer.indexOf('\r\n\r\n')
  return end < 0 ? answer : answer.slice(end + 4)
}

export function headerOf(answer: string, name: string): string | undefined {
  const head = answer.slice(0, answer.indexOf('\r\n\r\n'))
  return new RegExp(`^${name}: (.*)$`, 'mi').exec(head)?.[1]?.trim()
}

/** Portico and nginx with one conf, and what further peers need to serve the same folder. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { requirePeer } from '../support/peer.ts'
import type { ContenderSpec } from './contender.ts'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

/** Writes files (path below the folder to content) and answers the folder. */
export function folderFor(
  folder: string,
  name: string,
  files: Readonly<Record<string, string | Buffer>>,
): string {
  const root = join(folder, name)
  mkdirSync(root, { recursive: true })
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}

export interface SameConf {
  readonly root: string
  /** Of the conf's file. */
  readonly name: string
  readonly port: number
  /** What `http` holds; the port is the one to listen on. */
  readonly http: (port: number) => string
  /** What stands beside `http`. */
  readonly main?: string
}

/** One text for both servers: a worker, no log, and what `http` is to hold. */
function confText({ root, name, port, http, main = '' }: SameConf): string {
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const paths = temp.map((kind) => `${kind}_temp_path ${root}/${name}-${kind};`).join(' ')
  return `daemon off; worker_processes 1; pid ${root}/${name}.pid; error_log ${root}/${name}-error.log;
worker_rlimit_nofile 15000;
${main}
events { worker_connections 12000; }
http {
  types { text/html html; text/plain txt; application/octet-stream bin; }
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; keepalive_timeout 600s;
  ${paths}
  ${http(port)}
}
`
}

export function portico(same: SameConf): ContenderSpec {
  const { root, name, port } = same
  const conf = writeConf(same)
  return { name, port, cwd: root, commands: [{ argv: [process.execPath, CLI, '-p', root, '-c', conf] }] }
}

/** None where nginx is not installed. */
export function nginx(same: SameConf): ContenderSpec[] {
  const program = requirePeer('nginx')
  if (program === undefined) {
    process.stderr.write('bench: nginx is not installed (Debian: nginx-light), left out\n')
    return []
  }
  const { root, name, port } = same
  const conf = writeConf(same)
  const argv = [program, '-c', conf, '-p', root, '-e', `${root}/${name}-error.log`] as const
  return [{ name, port, cwd: root, commands: [{ argv: [...argv] as [string, ...string[]] }] }]
}

function writeConf(same: SameConf): string {
  const path = join(same.root, `${same.name}.conf`)
  writeFileSync(path, confText(same))
  return path
}

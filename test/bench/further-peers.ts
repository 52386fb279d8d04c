/** Other servers of the same folder, each where it is installed: for the table, no target speaks of them. */
import { existsSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import type { ContenderSpec } from './contender.ts'

const require = createRequire(import.meta.url)
const FOLDERS = ['/usr/bin', '/usr/sbin', '/usr/local/bin', ...(process.env['PATH'] ?? '').split(':')]

type Argv = [string, ...string[]]

/** `html` is the folder that is served, `root` one for confs. */
export async function furtherPeers(root: string, html: string): Promise<ContenderSpec[]> {
  const found: ContenderSpec[] = []
  const add = (name: string, port: number, argv: Argv | undefined, env?: Record<string, string>): void => {
    if (argv) found.push({ name, port, commands: [{ argv, ...(env && { env }) }] })
    else process.stderr.write(`bench: ${name} is not installed, left out\n`)
  }
  const ports = [await freePort(), await freePort(), await freePort(), await freePort()] as const
  add('Caddy', ports[0], caddy(root, html, ports[0]), { GOMAXPROCS: '1' })
  add('Apache', ports[1], apache(root, html, ports[1]))
  add('serve-static, node:http', ports[2], serveStatic(html, ports[2]))
  add('Bun', ports[3], bun(html, ports[3]))
  return found
}

function program(...names: string[]): string | undefined {
  return names.flatMap((name) => FOLDERS.map((folder) => join(folder, name))).find((path) => existsSync(path))
}

function caddy(root: string, html: string, port: number): Argv | undefined {
  const path = program('caddy')
  if (path === undefined) return undefined
  const conf = join(root, 'Caddyfile')
  writeFileSync(
    conf,
    `{\n admin off\n auto_https off\n}\nhttp://127.0.0.1:${port} {\n root * ${html}\n file_server\n}\n`,
  )
  return [path, 'run', '--config', conf, '--adapter', 'caddyfile']
}

/** Debian's httpd with the event MPM, one child. */
function apache(root: string, html: string, port: number): Argv | undefined {
  const path = program('apache2', 'httpd')
  if (path === undefined) return undefined
  const modules = '/usr/lib/apache2/modules'
  const conf = join(root, 'apache.conf')
  writeFileSync(
    conf,
    `ServerName localhost\nServerRoot ${root}\nListen 127.0.0.1:${port}\nPidFile ${root}/apache.pid
ErrorLog ${root}/apache-error.log
LoadModule mpm_event_module ${modules}/mod_mpm_event.so
LoadModule authz_core_module ${modules}/mod_authz_core.so
LoadModule mime_module ${modules}/mod_mime.so
TypesConfig /etc/mime.types
StartServers 1\nServerLimit 1\nThreadsPerChild 64\nMaxRequestWorkers 64
KeepAlive On\nMaxKeepAliveRequests 0\nKeepAliveTimeout 600\nDocumentRoot ${html}\n`,
  )
  return [path, '-X', '-f', conf]
}

function serveStatic(html: string, port: number): Argv | undefined {
  try {
    require.resolve('serve-static')
  } catch {
    return undefined
  }
  return [
    process.execPath,
    fileURLToPath(new URL('serve-static-server.ts', import.meta.url)),
    html,
    String(port),
  ]
}

function bun(html: string, port: number): Argv | undefined {
  const path = program('bun')
  if (path === undefined) return undefined
  return [path, fileURLToPath(new URL('bun-server.mjs', import.meta.url)), html, String(port)]
}

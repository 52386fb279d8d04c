/** Proxying and both tiers beside what else does it: one row for each line of the table of what is to be reached. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import type { ContenderSpec } from './contender.ts'
import type { Load } from './load.ts'
import type { Scenario, Targets } from './scenario.ts'
import { folderFor, nginx, portico } from './servers.ts'
import { uwsgiBehindNginx } from './uwsgi-contender.ts'

const KB = 1024
const CONNECTIONS = 64
const WEBSOCKETS = 5000

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const node = (file: string, ...args: string[]): { argv: [string, ...string[]] } => ({
  argv: [process.execPath, here(`peers/${file}`), ...args],
})

interface ProxyRow {
  readonly name: string
  readonly targets: Targets
  readonly load: Partial<Load> & Pick<Load, 'path'>
  /** What the location holds besides `proxy_pass`. */
  readonly location?: string
  /** Beside node's own proxy too. */
  readonly besideHttpProxy?: Targets
  /** The origin is node's instead of nginx. */
  readonly nodeOrigin?: boolean
}

const UPLOAD = { type: 'application/octet-stream', body: 'x'.repeat(KB * KB) }
const UPGRADE = `proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;`
const KEPT = `proxy_http_version 1.1; proxy_set_header Connection "";`

const ROWS: readonly ProxyRow[] = [
  { name: 'proxy-1k', targets: { rate: 0.8 }, load: { path: '/1k.bin' }, besideHttpProxy: { rate: 3 } },
  { name: 'proxy-100k', targets: { rate: 0.8 }, load: { path: '/100k.bin' } },
  {
    name: 'proxy-10m',
    targets: { rate: 0.7, growthMb: 32 },
    load: { path: '/10m.bin', connections: 8 },
  },
  {
    name: 'upload-1m',
    targets: { rate: 0.8 },
    load: { path: '/upload', post: UPLOAD, connections: 8 },
    nodeOrigin: true,
  },
  {
    name: 'upload-1m-unbuffered',
    targets: { rate: 0.8 },
    load: { path: '/upload', post: UPLOAD, connections: 8 },
    location: 'proxy_request_buffering off;',
    nodeOrigin: true,
  },
  {
    name: 'websockets',
    targets: {},
    load: { path: '/echo', websockets: WEBSOCKETS },
    location: `${UPGRADE} proxy_read_timeout 600s;`,
    nodeOrigin: true,
  },
]

export function gatewayScenarios(folder: string): [name: string, make: () => Promise<Scenario>][] {
  return [
    ...ROWS.map((row): [string, () => Promise<Scenario>] => [row.name, () => proxyScenario(folder, row)]),
    ['two-tiers-bare', () => twoTiersBare(folder)],
  ]
}

async function proxyScenario(folder: string, row: ProxyRow): Promise<Scenario> {
  const root = folderFor(folder, row.name, {
    'html/1k.bin': 'x'.repeat(KB),
    'html/100k.bin': Buffer.alloc(100 * KB, 'x'),
    'html/10m.bin': Buffer.alloc(10 * KB * KB, 'x'),
  })
  const origin = await freePort()
  const backdrop = row.nodeOrigin ? nodeOrigin(origin) : nginxOrigin(root, origin)
  const location = row.location ?? ''
  const http = (port: number): string =>
    `upstream origin { server 127.0.0.1:${origin}; keepalive 64; keepalive_requests 100000000; }
     server { listen 127.0.0.1:${port}; client_max_body_size 2m;
       location / { proxy_pass http://origin; ${location.includes('Upgrade') ? 'proxy_http_version 1.1;' : KEPT} ${location} } }`
  const further = row.besideHttpProxy ? await httpProxy(origin) : []
  return {
    name: row.name,
    load: { connections: CONNECTIONS, ...row.load },
    cpus: '0',
    backdrop,
    contenders: [
      portico({ root, name: 'portico', port: await freePort(), http }),
      ...nginx({ root, name: 'nginx', port: await freePort(), http }),
      ...further,
    ],
    targets: row.targets,
    furtherTargets: row.besideHttpProxy ? { 'http-proxy': row.besideHttpProxy } : {},
    ...(backdrop === undefined && { skipped: 'nginx, which is the origin, is not installed' }),
  }
}

function nodeOrigin(port: number): ContenderSpec {
  return { name: 'origin', port, commands: [node('origin.ts', String(port))] }
}

function nginxOrigin(root: string, port: number): ContenderSpec | undefined {
  const http = (at: number): string => `server { listen 127.0.0.1:${at}; root ${root}/html; }`
  return nginx({ root, name: 'origin', port, http })[0]
}

async function httpProxy(origin: number): Promise<ContenderSpec[]> {
  try {
    createRequire(import.meta.url).resolve('http-proxy')
  } catch {
    process.stderr.write('bench: http-proxy is not installed, left out\n')
    return []
  }
  const port = await freePort()
  return [
    { name: 'http-proxy', port, commands: [node('http-proxy-server.ts', String(origin), String(port))] },
  ]
}

/** An application that only says hello: what the tiers themselves cost. */
async function twoTiersBare(folder: string): Promise<Scenario> {
  const root = folderFor(folder, 'two-tiers-bare', {})
  const http = (port: number): string => `server { listen 127.0.0.1:${port}; location / { app_pass hello; } }`
  const main = `app hello { entry ${here('peers/bare.mjs')}; workers 2; }`
  const uwsgi = { root, name: 'nginx + uWSGI', file: 'uwsgi', wsgiFile: here('peers/bare.py') }
  return {
    name: 'two-tiers-bare',
    load: { path: '/', connections: CONNECTIONS },
    cpus: '0,1',
    contenders: [
      portico({ root, name: 'portico', port: await freePort(), http, main }),
      ...(await fastifyBehindNginx(root)),
      ...(await uwsgiBehindNginx(uwsgi)),
    ],
    targets: { rate: 1.2 },
    furtherTargets: { 'nginx + uWSGI': { rate: 1.3 } },
  }
}

/** Two processes, as ours has. */
async function fastifyBehindNginx(root: string): Promise<ContenderSpec[]> {
  const sockets = [join(root, 'fastify-1.sock'), join(root, 'fastify-2.sock')]
  const http = (port: number): string =>
    `upstream fastify { ${sockets.map((path) => `server unix:${path};`).join(' ')} keepalive 64; keepalive_requests 100000000; }
     server { listen 127.0.0.1:${port}; location / { proxy_pass http://fastify; ${KEPT} } }`
  const [front] = nginx({ root, name: 'nginx-fastify', port: await freePort(), http })
  if (!front) return []
  const apps = sockets.map((path) => node('fastify-hello.ts', path))
  return [{ ...front, name: 'nginx + Fastify', commands: [...apps, ...front.commands] }]
}

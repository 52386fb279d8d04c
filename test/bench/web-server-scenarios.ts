/** The web server beside nginx with the same conf: one row for each line of the table of what is to be reached. */
import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../support/free-port.ts'
import { requirePeer } from '../support/peer.ts'
import type { ContenderSpec } from './contender.ts'
import { furtherPeers } from './further-peers.ts'
import type { Load } from './load.ts'
import type { Scenario, Targets } from './scenario.ts'
import { folderFor, nginx, portico } from './servers.ts'

const KB = 1024
const CONNECTIONS = 64
const MANY = 10_000
const IDLE = 10_000
const ONE_KB = '/1k.html'
const OPEN_FILE_CACHE = 'open_file_cache max=1000 inactive=60s;'

type MakeScenario = () => Promise<Scenario>

interface FileRow {
  readonly name: string
  readonly targets: Targets
  /** What `server` holds besides `listen` and `root`. */
  readonly server?: string
  readonly load?: Partial<Load>
  readonly withFurtherPeers?: boolean
}

/** What `load` needs is known only when the files are there. */
const ROWS: readonly FileRow[] = [
  { name: 'static-1k', targets: { rate: 0.9, cpu: 1.1 }, withFurtherPeers: true },
  { name: 'static-1k-cached', targets: { rate: 0.9, cpu: 1.1 }, server: OPEN_FILE_CACHE },
  { name: 'static-1k-logged', targets: { rate: 0.9 }, server: 'access_log access.log;' },
  { name: 'not-modified', targets: { rate: 0.9 } },
  { name: 'not-found', targets: { rate: 0.9 }, load: { path: '/missing.html', expectsErrors: true } },
  { name: 'return-200', targets: { rate: 0.9 }, load: { path: '/return' } },
  { name: 'static-100k', targets: { rate: 0.75 }, load: { path: '/100k.bin' } },
  { name: 'static-1m', targets: { rate: 0.5 }, load: { path: '/1m.bin' } },
  {
    name: 'static-100m',
    targets: { rate: 0.5, growthMb: 32 },
    load: { path: '/100m.bin', connections: 8 },
  },
  { name: 'new-connections', targets: { rate: 0.7 }, load: { headers: ['Connection: close'] } },
]

export function webServerScenarios(folder: string): [name: string, make: MakeScenario][] {
  return [
    ...ROWS.map((row): [string, MakeScenario] => [row.name, () => fileScenario(folder, row)]),
    ['many-names', () => manyNames(folder)],
    ['idle-connections', () => idleConnections(folder)],
    ['tls-1k', () => tlsScenario(folder, 'tls-1k', { rate: 0.9 })],
    [
      'tls-handshakes',
      () => tlsScenario(folder, 'tls-handshakes', { rate: 0.8 }, { headers: ['Connection: close'] }),
    ],
  ]
}

function site(folder: string, name: string): string {
  return folderFor(folder, name, {
    'html/1k.html': 'x'.repeat(KB),
    'html/100k.bin': Buffer.alloc(100 * KB, 'x'),
    'html/1m.bin': Buffer.alloc(KB * KB, 'x'),
    'html/100m.bin': Buffer.alloc(100 * KB * KB, 'x'),
  })
}

const SERVER = (port: number, root: string, more = ''): string =>
  `server { listen 127.0.0.1:${port}; root ${root}/html; ${more} location /return { return 200 "hello\\n"; } }`

async function fileScenario(folder: string, row: FileRow): Promise<Scenario> {
  const root = site(folder, row.name)
  const conf = { root, http: (port: number) => SERVER(port, root, serverText(row, root)) }
  const contenders = [
    portico({ ...conf, name: 'portico', port: await freePort() }),
    ...nginx({ ...conf, name: 'nginx', port: await freePort() }),
    ...(row.withFurtherPeers ? await furtherPeers(root, join(root, 'html')) : []),
  ]
  const headers =
    row.name === 'not-modified' ? [`If-None-Match: ${etagOf(join(root, 'html', ONE_KB))}`] : undefined
  return {
    name: row.name,
    load: { path: ONE_KB, connections: CONNECTIONS, ...(headers && { headers }), ...row.load },
    cpus: '0',
    contenders,
    targets: row.targets,
  }
}

const serverText = ({ server = '' }: FileRow, root: string): string =>
  server.replace('access_log ', `access_log ${root}/`)

/** nginx's form, which is ours. */
function etagOf(path: string): string {
  const { mtimeMs, size } = statSync(path)
  return `"${Math.floor(mtimeMs / 1000).toString(16)}-${size.toString(16)}"`
}

/** 10,000 locations and as many server names against the conf with one of each. */
async function manyNames(folder: string): Promise<Scenario> {
  const root = site(folder, 'many-names')
  const numbers = Array.from({ length: MANY }, (_, index) => index)
  const names = numbers.map((number) => `site${number}.example.com`).join('\n')
  const locations = numbers.map((number) => `location /place${number}/ { }`).join('\n')
  const hash = 'server_names_hash_max_size 65536; server_names_hash_bucket_size 128;'
  const many = (port: number): string =>
    `${hash} ${SERVER(port, root, `server_name ${names};\n${locations}\nlocation / { }`)}
     server { listen 127.0.0.1:${port} default_server; return 404; }`
  const few = (port: number): string =>
    `${SERVER(port, root, `server_name site7777.example.com; location / { }`)}
     server { listen 127.0.0.1:${port} default_server; return 404; }`
  return {
    name: 'many-names',
    load: { path: ONE_KB, connections: CONNECTIONS, headers: ['Host: site7777.example.com'] },
    cpus: '0',
    contenders: [
      portico({ root, name: 'portico-many', port: await freePort(), http: many }),
      portico({ root, name: 'portico-few', port: await freePort(), http: few }),
      ...nginx({ root, name: 'nginx-many', port: await freePort(), http: many }),
      ...nginx({ root, name: 'nginx-few', port: await freePort(), http: few }),
    ],
    targets: { rate: 0.9, cpu: 1.1, startMs: 2000 },
  }
}

/** The 1 KB file while 10,000 clients hold their connections, against the same without them. */
async function idleConnections(folder: string): Promise<Scenario> {
  const root = site(folder, 'idle')
  const http = (port: number): string => SERVER(port, root)
  const idle = (specs: ContenderSpec[]): ContenderSpec[] =>
    specs.map((spec) => ({ ...spec, idleConnections: IDLE }))
  return {
    name: 'idle-connections',
    load: { path: ONE_KB, connections: CONNECTIONS },
    cpus: '0',
    contenders: [
      ...idle([portico({ root, name: 'portico-idle', port: await freePort(), http })]),
      portico({ root, name: 'portico', port: await freePort(), http }),
      ...idle(nginx({ root, name: 'nginx-idle', port: await freePort(), http })),
    ],
    targets: { rate: 0.85, cpu: 1.18, residentMb: 150 },
  }
}

/** TLS 1.3 with P-256: kept connections, or a full handshake for each request (nothing to resume with). */
async function tlsScenario(
  folder: string,
  name: string,
  targets: Targets,
  load?: Partial<Load>,
): Promise<Scenario> {
  const root = site(folder, name)
  const made = selfSigned(root)
  const http = (
    port: number,
  ): string => `ssl_certificate ${root}/cert.pem; ssl_certificate_key ${root}/key.pem;
    ssl_protocols TLSv1.3; ssl_session_tickets off; ssl_session_cache off;
    server { listen 127.0.0.1:${port} ssl; root ${root}/html; }`
  const scenario = {
    name,
    load: { path: ONE_KB, connections: CONNECTIONS, scheme: 'https' as const, ...load },
    cpus: '0',
    targets,
  }
  if (!made) return { ...scenario, contenders: [], skipped: 'openssl is not installed' }
  return {
    ...scenario,
    contenders: [
      portico({ root, name: 'portico', port: await freePort(), http }),
      ...nginx({ root, name: 'nginx', port: await freePort(), http }),
    ],
  }
}

function selfSigned(root: string): boolean {
  const openssl = requirePeer('openssl')
  if (openssl === undefined) return false
  const options =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost'
  const files = ['-keyout', join(root, 'key.pem'), '-out', join(root, 'cert.pem')]
  execFileSync(openssl, [...options.split(' '), ...files], { stdio: 'ignore' })
  return true
}

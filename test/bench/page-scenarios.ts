/** Pages of the framework beside Django's of the same templates, through both tiers on both processors. */
import { execFileSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import { requirePeer } from '../support/peer.ts'
import type { ContenderSpec } from './contender.ts'
import type { Load } from './load.ts'
import type { Scenario } from './scenario.ts'
import { folderFor, portico } from './servers.ts'
import { uwsgiBehindNginx } from './uwsgi-contender.ts'

const CONNECTIONS = 64
const DJANGO_PAGES = fileURLToPath(new URL('pages/django-pages.py', import.meta.url))
const OUR_PAGES = fileURLToPath(new URL('pages/wsgi.ts', import.meta.url))

interface PageRow {
  readonly name: string
  /** Times Django's requests per second. */
  readonly rate: number
  readonly load: Pick<Load, 'path' | 'post' | 'session'>
}

const ROWS: readonly PageRow[] = [
  { name: 'page-hello', rate: 5, load: { path: '/' } },
  { name: 'page-template', rate: 5, load: { path: '/template/' } },
  { name: 'page-rows', rate: 4, load: { path: '/rows/' } },
  {
    name: 'page-form',
    rate: 3,
    load: {
      path: '/form/',
      session: true,
      post: { type: 'application/x-www-form-urlencoded', body: 'author=Hypatia&text=Firm%2C+useful' },
    },
  },
]

export function pageScenarios(folder: string): [name: string, make: () => Promise<Scenario>][] {
  return ROWS.map((row) => [row.name, () => pageScenario(folder, row)])
}

async function pageScenario(folder: string, { name, rate, load }: PageRow): Promise<Scenario> {
  const root = folderFor(folder, name, {})
  chmodSync(root, 0o777)
  const port = await freePort()
  const http = (at: number): string => `server { listen 127.0.0.1:${at}; location / { app_pass pages; } }`
  const main = `app pages { entry ${OUR_PAGES}; workers 2; env BENCH_FOLDER=${root}; }`
  return {
    name,
    load: { ...load, connections: CONNECTIONS },
    cpus: '0,1',
    targets: { rate },
    contenders: [portico({ root, name: 'portico', port, http, main }), ...(await django(root))],
  }
}

async function django(root: string): Promise<ContenderSpec[]> {
  const python = requirePeer('python3')
  if (python === undefined) return []
  const env = { BENCH_FOLDER: root }
  execFileSync(python, [DJANGO_PAGES, 'setup'], { env: { ...process.env, ...env }, stdio: 'inherit' })
  const name = 'nginx + uWSGI + Django'
  return uwsgiBehindNginx({ root, name, file: 'django', wsgiFile: DJANGO_PAGES, env })
}

/** Who is overloaded, with what: pages that an application makes, and files that are compressed on their way. */
import { fileURLToPath } from 'node:url'
import { freePort } from '../../support/free-port.ts'
import type { ContenderSpec } from '../contender.ts'
import { folderFor, nginx, portico } from '../servers.ts'
import { uwsgiBehindNginx } from '../uwsgi-contender.ts'
import type { TrialOptions } from './trial.ts'

export interface OverloadScenario extends Pick<TrialOptions, 'path' | 'probes'> {
  readonly name: string
  /** Ours first. */
  readonly contenders: readonly ContenderSpec[]
}

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const HEALTH = 'location = /health { return 200 "well\\n"; }'
const PARAGRAPHS = 400

/** An application in two processes, whose pages take 2 ms of processor time each. */
export async function pages(folder: string): Promise<OverloadScenario> {
  const root = folderFor(folder, 'pages', {})
  const main = `app burn { entry ${here('burn.mjs')}; workers 2; }`
  const http = (port: number): string =>
    `server { listen 127.0.0.1:${port}; ${HEALTH} location = /probe { app_pass burn urgent; } location / { app_pass burn; } }`
  const uwsgi = { root, name: 'nginx + uWSGI', file: 'uwsgi', wsgiFile: here('burn.py'), server: HEALTH }
  return {
    name: 'pages',
    path: '/',
    probes: { health: '/health', 'app probe': '/probe' },
    contenders: [
      portico({ root, name: 'portico', port: await freePort(), http, main }),
      ...(await uwsgiBehindNginx(uwsgi)),
    ],
  }
}

/** The front alone. */
export async function files(folder: string): Promise<OverloadScenario> {
  const words = Array.from(
    { length: PARAGRAPHS },
    (_, at) => `<p>${Math.sin(at + 1)} ${'word '.repeat(40)}</p>\n`,
  )
  const root = folderFor(folder, 'files', { 'html/text.html': words.join('') })
  const http = (port: number): string =>
    `server { listen 127.0.0.1:${port}; root ${root}/html; gzip on; gzip_comp_level 9; ${HEALTH} }`
  return {
    name: 'files',
    path: '/text.html',
    probes: { health: '/health' },
    contenders: [
      portico({ root, name: 'portico', port: await freePort(), http }),
      ...nginx({ root, name: 'nginx', port: await freePort(), http }),
    ],
  }
}

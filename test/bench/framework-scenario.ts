/** "hello" by the framework with its default middleware, through both tiers on both processors. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import { requirePeer } from '../support/peer.ts'
import type { ContenderSpec } from './contender.ts'
import type { Scenario } from './scenario.ts'
import { folderFor, nginx, portico } from './servers.ts'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

export async function frameworkScenario(folder: string): Promise<Scenario> {
  const root = folderFor(folder, 'hello', {})
  const port = await freePort()
  const http = (at: number): string => `server { listen 127.0.0.1:${at}; location / { app_pass hello; } }`
  const main = `app hello { entry ${here('hello/wsgi.ts')}; workers 2; }`
  return {
    name: 'hello',
    load: { path: '/', connections: 64 },
    cpus: '0,1',
    targets: { rate: 2 },
    contenders: [portico({ root, name: 'portico', port, http, main }), ...(await djangoBehindNginx(root))],
  }
}

async function djangoBehindNginx(root: string): Promise<ContenderSpec[]> {
  const uwsgi = requirePeer('uwsgi')
  const socket = join(root, 'uwsgi.sock')
  const http = (port: number): string =>
    `server { listen 127.0.0.1:${port}; location / { include /etc/nginx/uwsgi_params; uwsgi_pass unix:${socket}; } }`
  const [front] = nginx({ root, name: 'nginx', port: await freePort(), http })
  if (uwsgi === undefined || !front) return []
  const options = `--plugin python3 --chmod-socket=666 --processes 2 --master --disable-logging
    --callable application --need-app --die-on-term --listen 100`.split(/\s+/)
  const argv = [uwsgi, ...options, '--socket', socket, '--wsgi-file', here('django/site.py')] as const
  return [
    {
      ...front,
      name: 'nginx + uWSGI + Django',
      commands: [{ argv: [...argv] as [string, ...string[]] }, ...front.commands],
    },
  ]
}

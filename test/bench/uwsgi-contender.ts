/** nginx and uWSGI with two processes: how a Python application is run at its best. */
import { join } from 'node:path'
import { freePort } from '../support/free-port.ts'
import { requirePeer } from '../support/peer.ts'
import type { ContenderSpec } from './contender.ts'
import { nginx } from './servers.ts'

export interface UwsgiProgram {
  readonly root: string
  /** Of the contender, and of its files. */
  readonly name: string
  readonly file: string
  readonly wsgiFile: string
  readonly env?: Record<string, string>
  /** What nginx's server holds besides. */
  readonly server?: string
}

/** None where one of them is not installed. */
export async function uwsgiBehindNginx(program: UwsgiProgram): Promise<ContenderSpec[]> {
  const { root, name, file, wsgiFile, env, server = '' } = program
  const uwsgi = requirePeer('uwsgi')
  const socket = join(root, `${file}.sock`)
  const http = (port: number): string =>
    `server { listen 127.0.0.1:${port}; ${server} location / { include /etc/nginx/uwsgi_params; uwsgi_pass unix:${socket}; } }`
  const [front] = nginx({ root, name: file, port: await freePort(), http })
  if (uwsgi === undefined || !front) return []
  const options = `--plugin python3 --chmod-socket=666 --processes 2 --master --disable-logging
    --callable application --need-app --die-on-term --listen 100`.split(/\s+/)
  const argv = [uwsgi, ...options, '--socket', socket, '--wsgi-file', wsgiFile] as const
  const first = { argv: [...argv] as [string, ...string[]], ...(env && { env }) }
  return [{ ...front, name, commands: [first, ...front.commands] }]
}

/** What is compared with what. Peers that are not installed are left out, and said so. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import { requirePeer } from '../support/peer.ts'
import type { ContenderSpec } from './contender.ts'
import type { Scenario } from './scenario.ts'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const CLI = here('../../dist/cli.js')

/** Confs and files of all scenarios are made in `folder`. */
export async function scenarios(folder: string): Promise<Scenario[]> {
  return [await staticFile(folder), await hello(folder)]
}

function folderFor(folder: string, name: string, files: Readonly<Record<string, string>>): string {
  const root = join(folder, name)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}

function portico(name: string, root: string, port: number): ContenderSpec {
  return { name, port, cwd: root, commands: [{ argv: [process.execPath, CLI, '-p', root] }] }
}

function nginx(root: string, port: number, server: string): ContenderSpec[] {
  const program = requirePeer('nginx')
  if (program === undefined) {
    process.stderr.write('bench: nginx is not installed (Debian: nginx-light), left out\n')
    return []
  }
  const conf = join(root, 'nginx.conf')
  writeFileSync(
    conf,
    `daemon off; worker_processes 1; pid ${root}/nginx.pid; error_log ${root}/nginx-error.log;
     events { worker_connections 4096; }
     http { include /etc/nginx/mime.types; access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000;
            client_body_temp_path ${root}/ngx_body; proxy_temp_path ${root}/ngx_proxy; fastcgi_temp_path ${root}/ngx_fastcgi;
            uwsgi_temp_path ${root}/ngx_uwsgi; scgi_temp_path ${root}/ngx_scgi;
            server { listen 127.0.0.1:${port}; ${server} } }`,
  )
  return [
    {
      name: 'nginx',
      port,
      commands: [{ argv: [program, '-c', conf, '-p', root, '-e', `${root}/nginx-error.log`] }],
    },
  ]
}

/** A 1 KB file, keep-alive, one worker each on one processor, no access log. */
async function staticFile(folder: string): Promise<Scenario> {
  const port = await freePort()
  const file = 'x'.repeat(1024)
  const root = folderFor(folder, 'static', {
    'html/1k.html': file,
    'conf/portico.conf': `error_log stderr; events { worker_connections 4096; }
      http { types { text/html html; } access_log off; keepalive_requests 100000000;
             server { listen 127.0.0.1:${port}; root html; } }`,
  })
  return {
    name: 'static-1k',
    path: '/1k.html',
    connections: 64,
    cpus: '0',
    target: 0.6,
    contenders: [portico('portico', root, port), ...nginx(root, await freePort(), `root ${root}/html;`)],
  }
}

/** "hello" by the framework with its default middleware, through both tiers on both processors. */
async function hello(folder: string): Promise<Scenario> {
  const port = await freePort()
  const root = folderFor(folder, 'hello', {
    'conf/portico.conf': `error_log stderr; events { worker_connections 4096; }
      app hello { entry ${here('hello/wsgi.ts')}; workers 2; }
      http { access_log off; keepalive_requests 100000000;
             server { listen 127.0.0.1:${port}; location / { app_pass hello; } } }`,
  })
  return {
    name: 'hello',
    path: '/',
    connections: 64,
    cpus: '0,1',
    target: 2,
    contenders: [portico('portico', root, port), ...(await djangoBehindNginx(root))],
  }
}

async function djangoBehindNginx(root: string): Promise<ContenderSpec[]> {
  const uwsgi = requirePeer('uwsgi')
  const socket = join(root, 'uwsgi.sock')
  const [front] = nginx(
    root,
    await freePort(),
    `location / { include /etc/nginx/uwsgi_params; uwsgi_pass unix:${socket}; }`,
  )
  if (uwsgi === undefined || !front) return []
  const argv = [
    uwsgi,
    '--plugin',
    'python3',
    '--socket',
    socket,
    '--chmod-socket=666',
    '--processes',
    '2',
    '--master',
    '--disable-logging',
    '--wsgi-file',
    here('django/site.py'),
    '--callable',
    'application',
    '--need-app',
    '--die-on-term',
    '--listen',
    '100',
  ] as const
  return [
    {
      ...front,
      name: 'nginx + uWSGI + Django',
      commands: [{ argv: [...argv] as [string, ...string[]] }, ...front.commands],
    },
  ]
}

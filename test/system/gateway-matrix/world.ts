/** All programs of the matrix: our master starts the applications, each once, and both fronts reach them by socket. */
import { request, type IncomingHttpHeaders } from 'node:http'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { freePort } from '../../support/free-port.ts'
import { readAnswers, type HttpAnswer } from '../../support/http-answers.ts'
import { NginxServer } from '../../support/nginx-server.ts'
import { peer as program } from '../../support/peer.ts'
import { PorticoServer } from '../../support/portico-server.ts'
import { sendRaw } from '../../support/raw-client.ts'
import { RawConnection } from '../../support/raw-connection.ts'
import { PAIRS, SPEAKS, type Cell, type Peer, type Protocol } from './cells.ts'

const PARAMS = [
  'QUERY_STRING $query_string',
  'REQUEST_METHOD $request_method',
  'CONTENT_TYPE $content_type',
  'CONTENT_LENGTH $content_length',
  'REQUEST_URI $request_uri',
  'PATH_INFO $document_uri',
  'DOCUMENT_URI $document_uri',
  'SERVER_PROTOCOL $server_protocol',
  'REQUEST_SCHEME $scheme',
  'REMOTE_ADDR $remote_addr',
  'SERVER_NAME $server_name',
  'SCRIPT_FILENAME %PREFIX%/application.php',
]

const socketOf = (peer: Peer, protocol: Protocol): string => `unix:%PREFIX%/${peer}-${protocol}.sock`

function passTo(peer: Peer, protocol: Protocol): string {
  // a peer that does not speak it is reached where it speaks something
  const spoken = SPEAKS[peer][protocol] === true ? protocol : peer === 'php' ? 'fastcgi' : 'http'
  const address = socketOf(peer, spoken)
  const patience =
    spoken === protocol ? '' : `${protocol === 'http' ? 'proxy' : protocol}_read_timeout 300ms; `
  if (protocol === 'http')
    return `${patience}proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; proxy_pass http://${address};`
  // nginx's scgi module says the length by itself
  const params =
    protocol === 'scgi' ? ['SCGI 1', ...PARAMS.filter((it) => !it.startsWith('CONTENT_LENGTH'))] : PARAMS
  return [patience, ...params.map((it) => `${protocol}_param ${it};`), `${protocol}_pass ${address};`].join(
    ' ',
  )
}

function locations(ports: { readonly port: number; readonly appPass: boolean }): string {
  const pairs = ports.appPass ? PAIRS.filter(({ peer, protocol }) => SPEAKS[peer][protocol] === true) : []
  return `
    access_log off;
    large_client_header_buffers 8 64k;
    server {
      listen 127.0.0.1:${ports.port};
      server_name matrix.test;
      client_max_body_size 100m;
      ${PAIRS.map(({ peer, protocol }) => `location /pass/${peer}/${protocol}/ { rewrite ^/pass/\\w+/\\w+(/.*) $1 break; ${passTo(peer, protocol)} }`).join('\n')}
      ${pairs.map(({ peer, protocol }) => `location /app/${peer}/${protocol}/ { rewrite ^/app/\\w+/\\w+(/.*) $1 break; app_pass ${peer}-${protocol}; }`).join('\n')}
    }`
}

const UWSGI_OPTIONS =
  '--plugin python3 --need-app --die-on-term --buffer-size 65535 --wsgi-file application.py'
const UWSGI_SOCKETS = {
  fastcgi: '--fastcgi-socket',
  uwsgi: '--socket',
  scgi: '--scgi-socket',
  http: '--http-socket',
}

/** What the app block of a peer says of its program. */
function programOf(peer: Peer, protocol: Protocol): string {
  const path = `%PREFIX%/${peer}-${protocol}.sock`
  switch (peer) {
    case 'own':
      return 'entry application.ts;'
    case 'uwsgi':
      return `command ${program('uwsgi')} ${UWSGI_OPTIONS} ${UWSGI_SOCKETS[protocol]} ${path};`
    case 'php':
      return `command ${program('php-fpm')} -n -R -F -d cgi.fix_pathinfo=0 -p %PREFIX% -y %PREFIX%/fpm.conf;`
    case 'gunicorn':
      return `command ${program('gunicorn')} --bind unix:${path} --workers 1 application:application;`
  }
}

const FPM_CONF = `
[global]
daemonize = no
error_log = fpm.log
[www]
listen = php-fastcgi.sock
pm = static
pm.max_children = 2
php_admin_flag[log_errors] = on
php_admin_flag[display_errors] = off
php_admin_value[post_max_size] = 100m
php_admin_value[output_buffering] = 0
${process.getuid?.() === 0 ? 'user = root\ngroup = root' : ''}
`

const source = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The message was whole. */
  readonly complete: boolean
}

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: Buffer
  /** Called with each part as it arrives. */
  readonly onPart?: (part: Buffer) => void
}

function placeOf({ front, peer, protocol }: Cell): string {
  return `/${front === 'app_pass' ? 'app' : 'pass'}/${peer}/${protocol}`
}

export class World {
  readonly #portico: PorticoServer
  readonly #nginx: NginxServer
  readonly #ports: Readonly<Record<'nginx' | 'portico', number>>

  private constructor(portico: PorticoServer, nginx: NginxServer, ports: { nginx: number; portico: number }) {
    this.#portico = portico
    this.#nginx = nginx
    this.#ports = ports
  }

  static async start(nginx: string): Promise<World> {
    const ports = { nginx: await freePort(), portico: await freePort() }
    const apps = PAIRS.filter(({ peer, protocol }) => SPEAKS[peer][protocol] === true).map(
      ({ peer, protocol }) =>
        `app ${peer}-${protocol} { ${programOf(peer, protocol)} protocol ${protocol}; listen ${socketOf(peer, protocol)}; working_directory %PREFIX%; }`,
    )
    const portico = await PorticoServer.start({
      conf: `
        worker_processes 1;
        error_log logs/error.log info;
        ${apps.join('\n')}
        http { ${locations({ port: ports.portico, appPass: true })} }`,
      files: {
        'logs/.keep': '',
        'run/.keep': '',
        'marks/.keep': '',
        'fpm.conf': FPM_CONF,
        'application.py': source('application.py'),
        'application.php': source('application.php'),
        'application.ts': source('application.ts'),
      },
      startTimeoutMs: 60_000,
    })
    const http = locations({ port: ports.nginx, appPass: false }).replaceAll('%PREFIX%', portico.folder)
    return new World(portico, await NginxServer.start(nginx, http, ports.nginx), ports)
  }

  /** What all programs had to say. */
  get logs(): string {
    return this.#portico.read('logs/error.log') + this.#nginx.read('logs/error.log')
  }

  mark(name: string): void {
    writeFileSync(this.#portico.path(`marks/${name}`), '')
  }

  marked(name: string): boolean {
    return existsSync(this.#portico.path(`marks/${name}`))
  }

  async stop(): Promise<void> {
    await this.#nginx.stop()
    await this.#portico.stop()
  }

  ask(cell: Cell, path: string, asked: Asked = {}): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: this.#port(cell),
        method: asked.method ?? 'GET',
        path: placeOf(cell) + path,
        headers: { Host: 'matrix.test', ...asked.headers },
        agent: false,
      },
      (incoming) => {
        const parts: Buffer[] = []
        incoming.on('data', (part: Buffer) => {
          parts.push(part)
          asked.onPart?.(part)
        })
        incoming.on('error', () => undefined)
        incoming.on('close', () => {
          const { statusCode: status = 0, headers, complete } = incoming
          resolve({ status, headers, complete, body: Buffer.concat(parts) })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(asked.body)
    return promise
  }

  /** One request as it is, with `%CELL%` for the place of the cell. */
  async raw(cell: Cell, text: string): Promise<HttpAnswer> {
    const { text: got } = await sendRaw(this.#port(cell), text.replace('%CELL%', placeOf(cell)))
    const answers = readAnswers(got, [/^[A-Z]+/.exec(text)?.[0] ?? ''])
    const answer = answers.find(({ status }) => status >= 200)
    if (!answer) throw new Error(`no answer: ${got}`)
    return answer
  }

  /** Asks, and goes away when the first bytes of the body have come. */
  async leave(cell: Cell, path: string): Promise<void> {
    const client = await RawConnection.open(this.#port(cell))
    client.send(`GET ${placeOf(cell)}${path} HTTP/1.1\r\nHost: matrix.test\r\n\r\n`)
    await client.until(({ text }) => text.includes('tick\n'))
    client.close()
  }

  #port({ front }: Cell): number {
    return this.#ports[front === 'nginx' ? 'nginx' : 'portico']
  }
}

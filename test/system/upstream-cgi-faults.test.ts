/** Misbehaving SCGI, uwsgi and FastCGI upstreams: see upstream-faults.ts. */
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { end, stdout } from '../protocol/fastcgi/records.ts'
import { freePort } from '../support/free-port.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { ScriptedUpstream, type Asked } from '../support/scripted-upstream.ts'
import { CGI_FAULTS, RECORD_FAULTS, type CgiFault, type RecordFault } from './upstream-faults.ts'

const PROTOCOLS = ['scgi', 'uwsgi', 'fastcgi'] as const
type Protocol = (typeof PROTOCOLS)[number]

/** Large enough to be still under way when an upstream that does not read answers. */
const BODY = Buffer.alloc(4 * 1024 * 1024, 'x')
const FINE = 'Status: 200 OK\r\nContent-Length: 2\r\n\r\nok{fin}'

/** In records of that request; what is no text stays. */
function inRecords(script: string, id: number): string {
  const parts = script.split(/(\{[a-z]+\})/).map((part) => {
    if (part === '{fin}') return Buffer.concat([stdout(id), end(id)]).toString('latin1')
    if (part === '{cut}') return '{fin}'
    return part === '' || part.startsWith('{') ? part : stdout(id, part).toString('latin1')
  })
  return parts.join('')
}

const upstream = new ScriptedUpstream((bytes): Asked | undefined => {
  const [, method, path = '', protocol, rest] =
    /;([A-Z]+)(\/(scgi|uwsgi|fastcgi)(\/[^;]*));/.exec(bytes.toString('latin1')) ?? []
  if (protocol === undefined) return undefined
  const id = bytes.readUInt16BE(2)
  const raw = protocol === 'fastcgi' && RECORD_FAULTS.find((fault) => `/records${fault.path}` === rest)
  const deaf = method === 'POST'
  if (raw) return { path, script: raw.script(id), deaf }
  const script = CGI_FAULTS.find((fault) => fault.path === rest)?.script ?? FINE
  return { path, script: protocol === 'fastcgi' ? inRecords(script, id) : script, deaf }
})

let server: PorticoServer
let port: number

beforeAll(async () => {
  port = await freePort()
  const address = `127.0.0.1:${await upstream.listen()}`
  const pass = (name: Protocol): string => `
    location /${name}/ {
      ${name}_pass scripted; ${name}_read_timeout 500ms; ${name}_param ASKED ";$request_method$uri;";
      ${name}_param CONTENT_LENGTH $content_length;
    }`
  server = await PorticoServer.start({
    conf: `
      worker_processes 1;
      error_log logs/error.log info;
      http {
        access_log off;
        client_max_body_size 10m;
        upstream scripted { server ${address} max_fails=0; keepalive 4; }
        server {
          listen 127.0.0.1:${port};
          fastcgi_keep_conn on;
          ${PROTOCOLS.map(pass).join('')}
        }
      }`,
    files: { 'logs/.keep': '' },
  })
})

afterAll(async () => {
  expect(server.read('logs/error.log')).not.toMatch(/\[(alert|crit|emerg)\]/)
  await server.stop()
  await upstream.close()
})

interface Answer {
  readonly status: number
  readonly body: string
  readonly complete: boolean
}

function ask(path: string, method = 'GET'): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const outgoing = request({ port, host: '127.0.0.1', method, path, agent: false }, (incoming) => {
    const parts: Buffer[] = []
    incoming.on('data', (part: Buffer) => parts.push(part))
    incoming.on('error', () => undefined)
    incoming.on('close', () => {
      const body = Buffer.concat(parts).toString('latin1')
      resolve({ status: incoming.statusCode ?? 0, body, complete: incoming.complete })
    })
  })
  outgoing.on('error', reject)
  outgoing.end(method === 'POST' ? BODY : undefined)
  return promise
}

async function survives(path: string, fault: CgiFault | RecordFault): Promise<void> {
  const logBefore = server.read('logs/error.log').length
  const said = (): string => server.read('logs/error.log').slice(logBefore)
  const answer = await ask(path, fault.method)
  const { status, cut, log } = fault
  expect([answer.status, answer.complete], said()).toEqual([status, cut !== true])
  if (fault.body !== undefined) expect(answer.body).toBe(fault.body)
  if (log) await expect.poll(said, { timeout: 5000 }).toMatch(log)
  // Whatever else was said, what comes next gets its own answer.
  const next = `${path.slice(0, path.indexOf('/', 1))}/behind`
  for (let round = 0; round < 2; round += 1)
    expect(await ask(next)).toEqual({ status: 200, body: 'ok', complete: true })
}

describe.each(PROTOCOLS)('a response over %s', (protocol) => {
  const rows = CGI_FAULTS.filter(({ over = PROTOCOLS }) => over.includes(protocol))
  test.each(rows)('$name', (fault) => survives(`/${protocol}${fault.path}`, fault))
})

describe('records of FastCGI', () => {
  test.each(RECORD_FAULTS)('$name', (fault) => survives(`/fastcgi/records${fault.path}`, fault))

  test('a kept connection on which an answer came too late is not used again', async () => {
    const before = upstream.paths.length
    await ask('/fastcgi/late')
    const [connection] = upstream.paths.slice(before).filter((paths) => paths.includes('/fastcgi/late'))
    expect(await ask('/fastcgi/after')).toMatchObject({ status: 200, body: 'ok' })
    expect(connection?.at(-1)).not.toBe('/fastcgi/after')
  })
})

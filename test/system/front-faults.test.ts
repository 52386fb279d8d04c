/** Malformed and hostile bytes against a running front: the right status, nothing answered behind it, the worker lives. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { readAnswers } from '../support/http-answers.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { sendRaw } from '../support/raw-client.ts'
import { FAULT_CASES, type FaultCase } from './front-faults/cases.ts'

const PLAIN = 'GET /plain HTTP/1.1\r\nHost: first.test\r\nConnection: close\r\n\r\n'
const PARALLEL = 8

interface Seen {
  readonly statuses: readonly number[]
  readonly closed: boolean
  readonly bodies: readonly string[]
  readonly text: string
}

let server: PorticoServer
let port: number
let strictPort: number
const seen = new Map<FaultCase, { default: Seen; strict: Seen | undefined; after: string }>()

beforeAll(async () => {
  port = await freePort()
  strictPort = await freePort()
  const locations = `
    server_name first.test;
    root html;
    client_max_body_size 100k;
    location / { }
    location = /plain { return 200 "plain"; }
    location = /vars { return 200 "a=$http_x_a p=$http___proto__ h=$host"; }
    location = /redirect { return 302 $arg_to; }
    location /uri { return 302 $uri; }
    location /header/ { add_header X-Path $uri always; return 200 "x"; }
    location /img { alias html/img/; }
    location /files/ { alias html/; }
    location /secret/ { internal; }
    location /public/ { return 200 "public $uri"; }
    location /admin { return 403; }
    location /up { uwsgi_pass unix:run/nobody.sock; }`
  server = await PorticoServer.start({
    conf: `
      worker_processes 1;
      error_log logs/error.log info;
      http {
        access_log logs/access.log;
        server { listen 127.0.0.1:${port} default_server; ${locations} }
        server { listen 127.0.0.1:${port}; server_name other.test; return 200 "other"; }
        server { listen 127.0.0.1:${strictPort}; strict_http on; ${locations} }
      }`,
    files: {
      'logs/.keep': '',
      'html/a.txt': 'a'.repeat(100),
      'html/.git/config': 'git\n',
      'html/img/x.png': 'png',
      'html/big.bin': Buffer.alloc(300_000, 'b'),
      'secret.txt': 'outside of the root',
    },
  })
  const waiting = [...FAULT_CASES]
  const run = async (): Promise<void> => {
    for (let item = waiting.shift(); item; item = waiting.shift()) {
      const [byDefault, strict] = await Promise.all([
        ask(port, item),
        item.strict ? ask(strictPort, item) : undefined,
      ])
      const after = await sendRaw(port, PLAIN)
      seen.set(item, { default: byDefault, strict, after: after.text })
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, run))
}, 120_000)

afterAll(async () => {
  await server.stop()
})

async function ask(to: number, { bytes, methods }: FaultCase): Promise<Seen> {
  const { text, closed } = await sendRaw(to, bytes, { quietMs: 300 })
  // an answer to HTTP/0.9 is a body alone
  const answers = text.startsWith('HTTP/') ? readAnswers(text, methods) : []
  return {
    statuses: answers.map(({ status }) => status),
    bodies: answers.map(({ body }) => body),
    closed,
    text,
  }
}

const groups = [...new Set(FAULT_CASES.map(({ group }) => group))]

describe.each(groups)('%s', (group) => {
  it.each(FAULT_CASES.filter((item) => item.group === group).map((item) => [item.name, item] as const))(
    '%s',
    (_name, item) => {
      const result = seen.get(item)
      expect({ statuses: result?.default.statuses, closed: result?.default.closed }).toEqual(item.expected)
      if (item.strict)
        expect({ statuses: result?.strict?.statuses, closed: result?.strict?.closed }).toEqual(item.strict)
      if (item.head !== undefined) expect(result?.default.text).toMatch(item.head)
      if (item.body !== undefined) expect(result?.default.bodies.join('')).toMatch(item.body)
      expect(result?.after).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nplain$/)
    },
  )
})

describe('The logs', () => {
  it('hold no control byte and no line that a client wrote', () => {
    for (const name of ['logs/access.log', 'logs/error.log']) {
      expect(server.read(name)).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/)
      expect(server.read(name)).not.toMatch(/^forged/m)
    }
  })

  it('tell of no fault of the server and of one worker only', () => {
    const log = server.read('logs/error.log')
    expect(log).not.toMatch(/\[(alert|emerg|crit)\]/)
    expect(log.match(/is ready/g)).toHaveLength(1)
  })

  it('have a line for every refused request', () => {
    const refused = server
      .read('logs/access.log')
      .split('\n')
      .filter((line) => / 400 /.test(line))
    expect(refused.length).toBeGreaterThan(100)
  })
})

/**
 * `portico explain` says beforehand what the server then does: a conf of many locations, the same requests to both. The
 * upstream of the test writes back what it was sent, and the conf writes into each response where it came from.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseExplainArguments } from '../../src/cli/explain/explain-arguments.ts'
import { explainRequest } from '../../src/cli/explain/explain-request.ts'
import type { Trace, TraceEvent } from '../../src/cli/explain/trace.ts'
import { placesOf, readConf } from '../../src/cli/load-conf.ts'
import { Certificates } from '../support/certificates.ts'
import { freePort } from '../support/free-port.ts'
import { readAnswers, type HttpAnswer } from '../support/http-answers.ts'
import { describeWithPeer } from '../support/peer.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { sendRaw } from '../support/raw-client.ts'

const FILES = {
  'www/index.html': 'home\n',
  'www/a.txt': 'text\n',
  'www/img/logo.png': 'png\n',
  'www/img/x.php': 'not run\n',
  'www/docs/index.html': 'docs\n',
  'www/app/.keep': '',
  'www/50x.html': 'broken\n',
  'alias/one.css': 'css\n',
}

function confOf(port: number, upstreamPort: number): string {
  return `
worker_processes 1;
events { }
http {
  access_log off;
  server_tokens off;
  types { text/html html; text/plain txt; image/png png; text/css css; }
  upstream back { server 127.0.0.1:${upstreamPort}; }
  map $uri $kind { default other; ~^/img/ picture; }
  server {
    listen 127.0.0.1:${port};
    server_name shop.test *.shop.test ~^v(?<version>\\d+)\\.test$;
    root www;
    error_page 404 /50x.html;
    error_page 403 = @fallback;
    add_header X-Server shop always;
    add_header X-At "$uri $request_filename $kind $upstream_addr" always;
    if ($arg_go) { return 302 /went?$arg_go; }
    location / { add_header X-At "root $uri $request_filename"; }
    location = /exact { return 200 "exact"; }
    location = / { try_files /index.html =404; }
    location ^~ /img/ { expires 1h; }
    location ~ \\.php$ { proxy_pass http://back; proxy_set_header X-Script $uri; }
    location ~* \\.(TXT|md)$ { add_header X-At "text $request_filename" always; }
    location ~ ^/user/(?<id>\\d+)$ { proxy_pass http://back/users/$id?v=1; }
    location /api/ { proxy_pass http://back/v2/; proxy_set_header Host api.internal; }
    location /api/private/ { deny all; proxy_pass http://back; }
    location /old/ { rewrite ^/old/(.*)$ /img/$1 last; rewrite ^ /never last; }
    location /stay/ { rewrite ^/stay/(.*)$ /docs/$1 break; }
    location /docs/ { index index.html; location ~ secret { return 410; } location = /docs/one { return 200 "one"; } }
    location /app/ { try_files $uri $uri/index.html @fallback; }
    location /css { alias alias; }
    location /hidden/ { internal; }
    location /loop { rewrite ^ /loop last; }
    location /get { limit_except GET { deny all; } return 200 "got"; }
    location @fallback { proxy_pass http://back; proxy_set_header X-Fallback yes; }
  }
  server { listen 127.0.0.1:${port} default_server; server_name _ ""; return 421 "nobody here"; }
}
`
}

const REQUESTS: readonly string[] = [
  'http://shop.test/',
  'http://shop.test/exact',
  'http://shop.test/exact/more',
  'http://shop.test/a.txt',
  'http://shop.test/a.TXT',
  'http://shop.test/nothing.md',
  'http://shop.test/nothing',
  'http://shop.test/img/logo.png',
  'http://shop.test/img/x.php',
  'http://shop.test/img',
  'http://shop.test/x.php?a=1&b=2',
  'POST http://shop.test/x.php',
  'http://shop.test/user/42',
  'http://shop.test/user/none',
  'http://shop.test/api/items?page=2',
  'http://shop.test/api/private/items',
  'http://shop.test/api',
  'http://shop.test/old/logo.png',
  'http://shop.test/stay/index.html',
  'http://shop.test/docs/',
  'http://shop.test/docs',
  'http://shop.test/docs/secret',
  'http://shop.test/docs/one',
  'http://shop.test/app/page',
  'http://shop.test/css/one.css',
  'http://shop.test/hidden/x',
  'http://shop.test/loop',
  'http://shop.test/get',
  'DELETE http://shop.test/get',
  'http://www.shop.test/a.txt',
  'http://v12.test/a.txt',
  'http://other.test/a.txt',
  'http://shop.test/%69mg//logo.png',
  'http://shop.test/docs/../img/./logo.png',
  'http://shop.test/anything?go=there',
  'HEAD http://shop.test/a.txt',
  'http://shop.test/../x',
]

let upstream: Server
let server: PorticoServer
let port: number

beforeAll(async () => {
  upstream = createServer((request, response) => {
    const body = JSON.stringify({ line: `${request.method} ${request.url}`, fields: request.rawHeaders })
    response.writeHead(200, { 'Content-Length': body.length })
    response.end(body)
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  port = await freePort()
  const conf = confOf(port, (upstream.address() as AddressInfo).port)
  server = await PorticoServer.start({ conf, files: FILES })
})

afterAll(async () => {
  await server.stop()
  upstream.close()
})

function explain(words: readonly string[]): Promise<Trace> {
  const { target } = parseExplainArguments(words)
  if (!target) throw new Error('no target')
  const places = placesOf({ prefix: server.folder, conf: undefined, errorLog: '/dev/null' }, '/')
  return explainRequest(readConf(places, ''), places, target)
}

async function ask(method: string, host: string, path: string): Promise<HttpAnswer> {
  const text = `${method} ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: close\r\n\r\n`
  const [answer] = readAnswers((await sendRaw(port, text)).text, [method])
  if (!answer) throw new Error('no answer')
  return answer
}

const found = <K extends TraceEvent['kind']>(trace: Trace, kind: K): Extract<TraceEvent, { kind: K }>[] =>
  trace.events.filter((event): event is Extract<TraceEvent, { kind: K }> => event.kind === kind)

/** Of a response that an upstream gave, only what the front itself put there can be known beforehand. */
function comparable(fields: readonly (readonly [string, string])[], stub: boolean): string[] {
  const own = fields.filter(([name]) => !/^(date|connection|expires|keep-alive)$/i.test(name))
  const merged = new Map<string, string>()
  for (const [written, value] of stub ? own.filter(([name]) => /^x-/i.test(name)) : own) {
    const name = written.toLowerCase()
    const before = merged.get(name)
    merged.set(name, before === undefined ? value : `${before}\n${value}`)
  }
  return [...merged].map(([name, value]) => `${name}: ${value}`)
}

interface Received {
  readonly line: string
  readonly fields: readonly string[]
}

describe('explain', () => {
  it.each(REQUESTS)('is right about %s', async (written) => {
    const [method, url] = written.includes(' ') ? (written.split(' ') as [string, string]) : ['GET', written]
    const [, host = '', path = ''] = /^http:\/\/([^/]+)(.*)$/.exec(url) ?? []
    const trace = await explain([method, `http://${host}:${port}${path}`])
    const answer = await ask(method, host, path)
    const [response] = found(trace, 'response')
    if (!response) throw new Error('no response')
    expect(response.status).toBe(answer.status)
    expect(comparable(response.fields, response.stub)).toEqual(comparable([...answer.headers], response.stub))
    const [sent] = found(trace, 'upstream')
    const received = /^\{"line"/.test(answer.body) ? (JSON.parse(answer.body) as Received) : undefined
    expect(sent?.request.replace(/ HTTP\/1\.\d$/, '')).toBe(received?.line)
    expect(sent?.fields.filter(([name]) => name !== 'Connection').flat()).toEqual(
      received === undefined ? undefined : withoutConnection(received.fields),
    )
  })

  it('names the place and the reason of everything that lost', async () => {
    const trace = await explain([`http://shop.test:${port}/img/x.php`])
    const [location] = found(trace, 'location')
    expect(location).toMatchObject({
      label: '^~ /img/',
      why: 'the longest prefix, and ^~ keeps regular expressions out',
      place: `${server.folder}/conf/portico.conf:22`,
    })
    expect(location?.losers).toHaveLength(16)
    expect(location?.losers.find(({ label }) => label === '~ \\.php$')).toEqual({
      label: '~ \\.php$',
      place: `${server.folder}/conf/portico.conf:23`,
      why: 'not tried: ^~ of "/img/"',
    })
    for (const { why, place } of location?.losers ?? []) {
      expect(why).not.toBe('')
      expect(place).toMatch(/portico\.conf:\d+$/)
    }
  })

  it('shows each rewrite, each probe of try_files and each way on', async () => {
    const rewritten = await explain([`http://shop.test:${port}/old/logo.png`])
    expect(found(rewritten, 'statement').map(({ text, effect }) => [text, effect])).toEqual([
      ['if ($arg_go)', 'does not hold'],
      ['rewrite ^/old/(.*)$ /img/$1 last', '/old/logo.png becomes /img/logo.png'],
    ])
    expect(found(rewritten, 'location').map(({ label }) => label)).toEqual(['/old/', '^~ /img/'])
    const tried = await explain([`http://shop.test:${port}/app/page`])
    expect(
      found(tried, 'probe').map(({ path, found: what }) => `${path.replace(server.folder, '')} ${what}`),
    ).toEqual(['/www/app/page not there', '/www/app/page/index.html not there'])
    expect(found(tried, 'enter').map(({ label }) => label)).toEqual(['@fallback'])
  })

  it('believes the client address that it is told', async () => {
    const conf = server.read('conf/portico.conf')
    server.write(
      'conf/from.conf',
      conf.replace('deny all; proxy_pass', 'allow 10.0.0.0/8; deny all; proxy_pass'),
    )
    const url = `http://shop.test:${port}/api/private/x`
    const at = ['-p', server.folder, '-c', 'conf/from.conf', url, '--json']
    const outside = await command(['explain', ...at])
    const inside = await command(['explain', ...at, '--from', '10.1.2.3'])
    const access = (output: string): string | undefined =>
      found(JSON.parse(output) as Trace, 'handler').find(({ phase }) => phase === 'access')?.outcome
    expect([access(outside.output), access(inside.output)]).toEqual(['status 403', 'lets in'])
  })

  it('writes it for people, places relative to the prefix', async () => {
    const { code, output } = await command([
      'explain',
      '-p',
      server.folder,
      `http://shop.test:${port}/docs/secret`,
    ])
    expect(code).toBe(0)
    expect(output).toContain(`GET http://shop.test:${port}/docs/secret\n`)
    expect(output).toMatch(/^location +\/docs\/: the longest prefix.* conf\/portico\.conf:30$/m)
    expect(output).toMatch(/^location +~ secret: it matches +conf\/portico\.conf:30$/m)
    expect(output).toMatch(/^response +status 410$/m)
  })

  it.each([
    [['explain'], 'explain takes [METHOD] URL'],
    [['explain', 'http://a b/'], 'invalid URL "http://a b/"'],
    [['explain', '-H', 'novalue', '/'], 'invalid field "novalue", it is \'Name: value\''],
    [['explain', 'http://shop.test:1/'], 'nothing listens on port 1; there is 127.0.0.1:'],
    [['explain', '--listen', '9.9.9.9:9', '/'], 'nothing listens on "9.9.9.9:9"'],
    [
      ['explain', '-c', 'conf/none.conf', '/'],
      'open() "%PREFIX%/conf/none.conf" failed (2: No such file or directory)',
    ],
  ])('refuses %j', async (words, message) => {
    const [name = '', ...rest] = words
    const { code, output } = await command([name, '-p', server.folder, ...rest])
    expect(output).toContain(message)
    expect(code).toBe(1)
  })
})

function command(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  return server.bare(args)
}

function withoutConnection(flat: readonly string[]): string[] {
  const result: string[] = []
  for (let at = 0; at + 1 < flat.length; at += 2)
    if (flat[at] !== 'Connection') result.push(flat[at] ?? '', flat[at + 1] ?? '')
  return result
}

describeWithPeer('openssl', 'explain of TLS', () => {
  const certificates = new Certificates()

  beforeAll(() => certificates.make({ name: 'one', names: 'DNS:one.test,DNS:two.test' }))
  afterAll(() => certificates.remove())

  it.each([
    ['https://two.test:4433/x', 204, 'two.test'],
    ['https://one.test:4433/x', 404, 'one.test'],
    ['http://two.test:4433/x', 400, 'two.test'],
  ])('speaks it with %s', async (url, status, name) => {
    const pair = `ssl_certificate ${certificates.path('one.crt')}; ssl_certificate_key ${certificates.path('one.key')};`
    server.write(
      'conf/tls.conf',
      `events { } http { ${pair} access_log off;
        server { listen 127.0.0.1:4433 ssl; server_name one.test; return 404; }
        server { listen 127.0.0.1:4433 ssl; server_name two.test; return 204; } }`,
    )
    const { output } = await command(['explain', '-p', server.folder, '-c', 'conf/tls.conf', '--json', url])
    const trace = JSON.parse(output) as Trace
    expect(found(trace, 'response').map((response) => response.status)).toEqual([status])
    expect(found(trace, 'server').map(({ label }) => label)).toEqual([name])
  })
})

/** Upstreams that cannot be reached or not be trusted, kept connections that are gone, and disks that take nothing. */
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Certificates } from '../support/certificates.ts'
import { freePort } from '../support/free-port.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { sendRaw } from '../support/raw-client.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { RawUpstream } from '../support/raw-upstream.ts'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** Requests that `keeper` has seen, and whether it closes, without an answer, at the next one on a kept connection. */
const keeping = { requests: [] as string[], leaves: false }
/** Answers each request on a kept connection; says nothing more where it is told to leave. */
const keeper = new RawUpstream((socket) => {
  let served = 0
  socket.on('data', (bytes: Buffer) => {
    keeping.requests.push(bytes.toString('latin1').split('\r\n')[0] ?? '')
    if (keeping.leaves && served > 0) socket.destroy()
    else socket.write(OK)
    served += 1
  })
})
/** They take what is said, and answer nothing. */
const silent = [
  new RawUpstream((socket) => socket.resume()),
  new RawUpstream((socket) => socket.resume()),
] as const
/** Is gone as soon as some of a body has come. */
const leaving = new RawUpstream((socket) =>
  socket.on('data', (bytes: Buffer) => {
    if (bytes.includes('first piece')) socket.destroy()
  }),
)
const certificates = new Certificates()
const secure: TlsServer[] = []
let server: PorticoServer
let port: number
/** Names that clients of the TLS upstreams asked for. */
const asked: (string | false)[] = []

/** Shows that certificate, and those below the authority that come with it. */
async function listenTls(certificate: string, ...chain: readonly string[]): Promise<number> {
  const shown = [certificate, ...chain].map((name) => certificates.read(`${name}.crt`))
  const own = createTlsServer(
    { cert: shown.join('\n'), key: certificates.read(`${certificate}.key`) },
    (socket) => {
      asked.push(socket.servername ?? false)
      socket.on('error', () => undefined)
      socket.on('data', () => socket.end(OK.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')))
    },
  )
  own.on('tlsClientError', () => undefined)
  secure.push(own)
  await new Promise<void>((resolve) => own.listen(0, '127.0.0.1', resolve))
  const address = own.address()
  return typeof address === 'object' && address ? address.port : 0
}

beforeAll(async () => {
  certificates.make({ name: 'ca', authority: true })
  certificates.make({ name: 'good', issuer: 'ca', names: 'DNS:good.test' })
  certificates.make({ name: 'gone', issuer: 'ca', names: 'DNS:good.test' })
  certificates.make({ name: 'middle', issuer: 'ca', authority: true })
  certificates.make({ name: 'deep', issuer: 'middle', names: 'DNS:good.test' })
  certificates.make({ name: 'stranger', names: 'DNS:good.test' })
  certificates.revoke('ca', 'gone')
  port = await freePort()
  const nobody = await freePort()
  const kept = await keeper.listen()
  const [mute, dumb] = [await silent[0].listen(), await silent[1].listen()]
  const tls = async (name: string, ...chain: readonly string[]): Promise<string> =>
    `proxy_pass https://127.0.0.1:${await listenTls(name, ...chain)};`
  const verify = `proxy_ssl_verify on; proxy_ssl_trusted_certificate ${certificates.path('ca.crt')};`
  const named = (name: string): string => `proxy_ssl_name ${name}; proxy_ssl_server_name on;`
  server = await PorticoServer.start({
    conf: `
      worker_processes 1;
      error_log logs/error.log info;
      http {
        access_log off;
        upstream dead { server 127.0.0.1:${nobody} max_fails=1 fail_timeout=60s; server 127.0.0.2:${nobody} max_fails=1 fail_timeout=60s; }
        upstream refusing { server 127.0.0.1:${nobody} max_fails=0; server 127.0.0.2:${nobody} max_fails=0; server 127.0.0.3:${nobody} max_fails=0; }
        upstream silent { server 127.0.0.1:${mute} max_fails=0; server 127.0.0.1:${dumb} max_fails=0; }
        upstream leaving { server 127.0.0.1:${await leaving.listen()} max_fails=0; server 127.0.0.1:${kept} backup; }
        upstream failing { server unix:%PREFIX%/failing.sock max_fails=1 fail_timeout=60s; server unix:%PREFIX%/well.sock; }
        server { listen unix:%PREFIX%/failing.sock; location / { return 503; } location /failing/missing { return 404; } }
        server { listen unix:%PREFIX%/well.sock; return 200; }
        upstream half { server 127.0.0.1:${nobody} max_fails=0; server 127.0.0.1:${kept} backup; }
        upstream kept { server 127.0.0.1:${kept} max_fails=0; keepalive 1; }
        server {
          listen 127.0.0.1:${port};
          large_client_header_buffers 4 128k;
          client_body_buffer_size 1k;
          client_body_temp_path temp;
          location /dead { proxy_pass http://dead; }
          location /refusing/all { proxy_pass http://refusing; }
          location /refusing/two { proxy_pass http://refusing; proxy_next_upstream_tries 2; }
          location /silent/both { proxy_pass http://silent; proxy_read_timeout 300ms; proxy_next_upstream_timeout 60s; }
          location /silent/one { proxy_pass http://silent; proxy_read_timeout 300ms; proxy_next_upstream_timeout 100ms; }
          location /leaving/whole { proxy_pass http://leaving; }
          location /leaving/streamed { proxy_pass http://leaving; proxy_request_buffering off; }
          location /failing { proxy_pass http://failing; proxy_next_upstream http_503 http_404; add_header X-Tries $upstream_status; }
          location /half { proxy_pass http://half; }
          location /name { resolver 127.0.0.1:${nobody}; resolver_timeout 200ms; set $name nowhere.test; proxy_pass http://$name; }
          location /kept { proxy_pass http://kept; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_request_buffering on; }
          location /uwsgi { uwsgi_pass 127.0.0.1:${kept}; uwsgi_param REQUEST_METHOD $request_method; }
          location /body { proxy_pass http://127.0.0.1:${kept}; }
          location /tls/good { ${await tls('good')} ${verify} ${named('good.test')} }
          location /tls/silent { ${await tls('good')} ${verify} proxy_ssl_name good.test; }
          location /tls/name { ${await tls('good')} ${verify} ${named('other.test')} }
          location /tls/stranger { ${await tls('stranger')} ${verify} ${named('good.test')} }
          location /tls/gone { ${await tls('gone')} ${verify} ${named('good.test')} proxy_ssl_crl ${certificates.path('ca.crl')}; }
          location /tls/deep { ${await tls('deep', 'middle')} ${verify} ${named('good.test')} }
          location /tls/deeper { ${await tls('deep', 'middle')} ${verify} ${named('good.test')} proxy_ssl_verify_depth 0; }
          location /tls/broken { ${await tls('deep')} ${verify} ${named('good.test')} }
          location /tls/unverified { ${await tls('stranger')} ${named('good.test')} }
          location /tls/either { ${await tls('good')} ${verify} proxy_ssl_name $arg_name; }
          location /tls/plain { proxy_pass https://127.0.0.1:${kept}; }
        }
      }`,
    files: { 'logs/.keep': '' },
  })
}, 60_000)

afterAll(async () => {
  await server.stop()
  for (const one of [keeper, ...silent, leaving]) await one.close()
  for (const one of secure) one.close()
  certificates.remove()
})

async function ask(path: string, method = 'GET', lines = '', body = ''): Promise<string> {
  const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`
  const { text } = await sendRaw(
    port,
    `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${length}${lines}\r\n${body}`,
  )
  return text.slice(9, 12)
}

function logged(): string {
  return server.read('logs/error.log')
}

describe('an upstream', () => {
  it('that refuses connections: the next is tried, then 502, and none is asked again for a while', async () => {
    expect(await ask('/dead')).toBe('502')
    const refused = logged().match(/connect\(\) failed \(111: Connection refused\)/g)
    expect(refused).toHaveLength(2)
    expect(await ask('/dead')).toBe('502')
    expect(logged()).toMatch(/no live upstreams while connecting to upstream/)
    expect(logged().match(/connect\(\) failed \(111: Connection refused\)/g)).toEqual(refused)
  })

  it('that refuses connections beside a backup: nobody notices', async () => {
    expect(await ask('/half')).toBe('200')
  })

  it('whose name nobody knows: 502, and the name in the log', async () => {
    expect(await ask('/name')).toBe('502')
    expect(logged()).toMatch(/nowhere\.test could not be resolved/)
  })

  it('is never sent a block of uwsgi variables that its 16-bit size could not say', async () => {
    const before = keeping.requests.length
    const lines = Array.from({ length: 9 }, (_, index) => `X-${index}: ${'x'.repeat(8000)}\r\n`).join('')
    expect(await ask('/uwsgi', 'GET', lines)).toBe('431')
    expect(keeping.requests).toHaveLength(before)
    expect(logged()).toMatch(/uwsgi.*too large|too large.*uwsgi/i)
  })
})

describe('another peer', () => {
  it.each([
    ['/refusing/all', 3],
    ['/refusing/two', 2],
  ])('%s: is tried as often as proxy_next_upstream_tries allows (%i)', async (path, tries) => {
    const refusals = (): number => logged().match(/connect\(\) failed \(111/g)?.length ?? 0
    const before = refusals()
    expect(await ask(path)).toBe('502')
    expect(refusals() - before).toBe(tries)
  })

  it.each([
    ['/silent/both', 2],
    ['/silent/one', 1],
  ])('%s: is tried for as long as proxy_next_upstream_timeout allows (%i)', async (path, tries) => {
    const asked = (): number => silent[0].connections + silent[1].connections
    const before = asked()
    expect(await ask(path)).toBe('504')
    expect(asked() - before).toBe(tries)
  })

  it('is asked alone once an answer has shown that the peer is not well, but not where it only has no such page', async () => {
    const tries = async (path: string): Promise<string[]> => {
      const { text } = await sendRaw(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
      return /X-Tries: (.*)\r\n/.exec(text)?.[1]?.split(', ') ?? []
    }
    const all = async (path: string): Promise<string[]> => {
      const found: string[] = []
      for (let round = 0; round < 6; round += 1) found.push(...(await tries(path)))
      return found.filter((status) => status !== '200')
    }
    expect(await all('/failing/missing')).toEqual(['404', '404', '404'])
    expect(await all('/failing/broken')).toEqual(['503'])
  })

  it.each([
    ['/leaving/whole', 'a body that is here', '200', 1],
    ['/leaving/streamed', 'a body of which some was passed on, and is gone', '502', 0],
  ])('%s: gets %s', async (path, _what, status, seen) => {
    const before = keeping.requests.length
    const connection = await RawConnection.open(port)
    connection.send(
      `PUT ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 22\r\n\r\nfirst piece`,
    )
    if (status === '200') connection.send('second piece'.slice(0, 11))
    await connection.until(({ ended }) => ended)
    connection.close()
    expect(connection.text.slice(9, 12)).toBe(status)
    expect(keeping.requests.slice(before).filter((line) => line.startsWith('PUT'))).toHaveLength(seen)
  })
})

describe('a kept connection that is closed as a request is written', () => {
  /** Requests that the upstream saw for one of ours, and the answer. */
  async function onClosed(method: string): Promise<{ status: string; seen: number }> {
    keeping.leaves = false
    expect(await ask('/kept')).toBe('200')
    keeping.leaves = true
    const before = keeping.requests.length
    const status = await ask('/kept', method, '', method === 'POST' ? 'hello' : '')
    return { status, seen: keeping.requests.slice(before).filter((line) => line.startsWith(method)).length }
  }

  it('is opened anew for one that is idempotent', async () => {
    expect(await onClosed('GET')).toEqual({ status: '200', seen: 2 })
  })

  it('is not for another one that was sent: whether it was done nobody knows', async () => {
    expect(await onClosed('POST')).toEqual({ status: '502', seen: 1 })
  })
})

describe('an upstream over TLS', () => {
  it.each<[path: string, status: string, log: RegExp | undefined]>([
    ['/tls/good', '200', undefined],
    ['/tls/silent', '200', undefined],
    ['/tls/unverified', '200', undefined],
    ['/tls/deep', '200', undefined],
    ['/tls/deeper', '502', /upstream SSL certificate verify error: \(22:certificate chain too long\)/],
    ['/tls/broken', '502', /upstream SSL certificate verify error: \(2[01]:/],
    ['/tls/name', '502', /upstream SSL certificate does not match "other\.test"/],
    ['/tls/stranger', '502', /upstream SSL certificate verify error: \(\d+:[^)]*self[- ]signed/],
    ['/tls/gone', '502', /upstream SSL certificate verify error: \(\d+:[^)]*revoked/],
    ['/tls/plain', '502', /SSL_do_handshake\(\) failed|while SSL handshaking/],
  ])('%s: %s', async (path, status, log) => {
    expect(await ask(path)).toBe(status)
    if (log) expect(logged()).toMatch(log)
  })

  it('that resumes a session is who it was then, and nobody else', async () => {
    for (const round of [1, 2, 3]) expect([round, await ask('/tls/good')]).toEqual([round, '200'])
    for (const [name, status] of [
      ['good.test', '200'],
      ['other.test', '502'],
      ['good.test', '200'],
    ])
      expect([name, await ask(`/tls/either?name=${name}`)]).toEqual([name, status])
  })

  it('is told the name only where the conf says so', async () => {
    asked.length = 0
    await ask('/tls/good')
    await ask('/tls/silent')
    expect(asked).toEqual(['good.test', false])
  })
})

describe('a body that no disk takes', () => {
  it('is 500, named in the log; the worker serves on, and the next body is taken where there is room again', async () => {
    const body = 'b'.repeat(50_000)
    rmSync(server.path('temp'), { recursive: true, force: true })
    writeFileSync(server.path('temp'), 'no folder')
    expect(await ask('/body', 'POST', '', body)).toBe('500')
    expect(logged()).toMatch(/\[crit\] .*request body not buffered: E\w+: .*temp/)
    expect(await ask('/half')).toBe('200')
    rmSync(server.path('temp'))
    mkdirSync(server.path('temp'))
    expect(await ask('/body', 'POST', '', body)).toBe('200')
    expect(logged()).not.toMatch(/\[(alert|emerg)\]|exited/)
  })
})

/** Health checks of real servers: what is asked, what passes, who asks, and that all workers know. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { FrontHarness } from '../support/front-harness.ts'

let portico: PorticoServer | undefined
const servers: Server[] = []

afterEach(async () => {
  await portico?.stop()
  portico = undefined
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

interface Backend {
  readonly port: number
  /** Paths of health checks that came, with the client's port. */
  readonly checks: { readonly path: string; readonly host: string; readonly from: number }[]
  requests: number
  /** How checks are answered; requests are answered 200 whatever it says. */
  answer: (response: ServerResponse) => void
}

const well = (response: ServerResponse): void => void response.end('well')
const ill = (response: ServerResponse): void => void response.writeHead(503).end('ill')

async function backend(answer: Backend['answer'] = well): Promise<Backend> {
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? ''
    if (path.startsWith('/client')) {
      made.requests += 1
      response.end(String(made.port))
      return
    }
    made.checks.push({ path, host: request.headers.host ?? '', from: request.socket.remotePort ?? 0 })
    made.answer(response)
  }
  const server = createServer(take)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  const made: Backend = { port: (server.address() as AddressInfo).port, checks: [], requests: 0, answer }
  return made
}

async function start(check: string, peers: readonly Backend[], workers = 1, more = ''): Promise<number> {
  const port = await freePort()
  const conf = `
    worker_processes ${workers};
    error_log logs/error.log info;
    events {}
    http {
      access_log off;
      upstream g { zone z 64k; ${peers.map((peer) => `server 127.0.0.1:${peer.port};`).join(' ')} }
      ${more}
      server {
        listen 127.0.0.1:${port};
        location / { proxy_pass http://g; health_check ${check}; }
        location = /pid { return 200 $pid; }
        location = /metrics { metrics; }
      }
    }`
  portico = await PorticoServer.start({ conf, files: { 'logs/.keep': '' } })
  return port
}

function ask(port: number, path = '/client'): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('error', reject)
    socket.on('data', (bytes) => (text += bytes.toString('latin1')))
    socket.on('close', () =>
      resolve({ status: Number(text.slice(9, 12)), body: text.slice(text.indexOf('\r\n\r\n') + 4) }),
    )
    socket.write(`GET ${path} HTTP/1.0\r\nHost: a\r\n\r\n`)
  })
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000
  while (!(await condition())) {
    if (performance.now() > end)
      throw new Error(`waited in vain for ${what}:\n${portico?.read('logs/error.log')}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

const logged = (text: string): number => (portico?.read('logs/error.log') ?? '').split(text).length - 1

describe('A health check', () => {
  it('takes a peer out that is ill and back when it is well, with a line for each', async () => {
    const [first, second] = [await backend(), await backend()]
    const port = await start('interval=100ms uri=/ping?x=1', [first, second])
    await until('checks', () => first.checks.length > 1 && second.checks.length > 1)
    expect(first.checks[0]).toMatchObject({ path: '/ping?x=1', host: 'g' })
    first.answer = ill
    await until('the line', () => logged('peer is unhealthy') === 1)
    expect(portico?.read('logs/error.log')).toContain(
      `[warn] peer is unhealthy while checking status code, health check "" of peer 127.0.0.1:${first.port} in upstream "g"`.replace(
        '[warn] ',
        '',
      ),
    )
    const before = first.requests
    for (let count = 0; count < 10; count += 1) expect((await ask(port)).body).toBe(String(second.port))
    expect(first.requests).toBe(before)
    first.answer = well
    await until('the other line', () => logged('peer is healthy') === 1)
    for (let count = 0; count < 4; count += 1) await ask(port)
    expect(first.requests).toBeGreaterThan(before)
  }, 60_000)

  it('needs as many results in a row as fails= and passes= say', async () => {
    const only = await backend()
    const port = await start('interval=100ms fails=3 passes=3', [only])
    await until('a check', () => only.checks.length > 0)
    let left = 2
    only.answer = (response) => (left-- > 0 ? ill : well)(response)
    await until('checks', () => left < -3)
    expect(logged('peer is unhealthy')).toBe(0)
    only.answer = ill
    await until('the line', () => logged('peer is unhealthy') === 1)
    expect((await ask(port)).status).toBe(502)
    let well2 = 2
    only.answer = (response) => (well2-- > 0 ? well : ill)(response)
    await until('checks', () => well2 < -1)
    expect(logged('peer is healthy')).toBe(0)
    only.answer = well
    await until('the line', () => logged('peer is healthy') === 1)
    expect((await ask(port)).status).toBe(200)
  }, 60_000)

  it('that is mandatory keeps a peer out until it was found well', async () => {
    const held: ServerResponse[] = []
    const only = await backend((response) => void held.push(response))
    const port = await start('interval=100ms mandatory persistent', [only])
    await until('a check', () => held.length > 0)
    expect((await ask(port)).status).toBe(502)
    only.answer = well
    for (const response of held) response.end()
    await until('an answer', async () => (await ask(port)).status === 200)
    expect(logged('no live upstreams')).toBeGreaterThan(0)
  }, 60_000)

  it.each<[string, string, Backend['answer'], Backend['answer'], string]>([
    ['status', 'status 204;', (r) => void r.writeHead(204).end(), well, 'status code'],
    ['status', 'status ! 400-599;', well, ill, 'status code'],
    ['header', 'header X-Ready = yes;', (r) => void r.setHeader('X-Ready', 'yes').end(), well, 'headers'],
    ['header', 'header ! Retry-After;', well, (r) => void r.setHeader('Retry-After', '1').end(), 'headers'],
    [
      'header',
      'header Content-Type ~ ^text;',
      (r) => void r.setHeader('Content-Type', 'text/x').end(),
      well,
      'headers',
    ],
    ['body', 'body ~ we[l]+;', well, (r) => void r.end('other'), 'body'],
    ['body', 'body !~ maintenance;', well, (r) => void r.end('in maintenance'), 'body'],
    ['require', 'require $good;', well, (r) => void r.writeHead(201).end(), 'required variables'],
  ])(
    'with a match of %s: %s',
    async (_what, tests, good, bad, why) => {
      const only = await backend(good)
      const more = `match m { ${tests} } map $upstream_status $good { 200 1; default 0; }`
      await start('interval=100ms match=m', [only], 1, more)
      await until('checks', () => only.checks.length > 2)
      expect(logged('peer is unhealthy')).toBe(0)
      only.answer = bad
      await until('the line', () => logged(`peer is unhealthy while checking ${why}, health check "m"`) === 1)
    },
    40_000,
  )

  it('that gets no answer or no connection fails; one on another port, or that only connects, does not', async () => {
    const [peer, other] = [await backend(() => undefined), await backend()]
    await start('interval=200ms', [peer], 1, 'proxy_read_timeout 300ms;')
    await until('the line', () => logged('peer is unhealthy while the check timed out') === 1)
    await portico?.stop()
    await start(`interval=100ms port=${other.port}`, [peer])
    await until('checks', () => other.checks.length > 2)
    expect(logged('peer is unhealthy')).toBe(0)
    await portico?.stop()
    const gone = await freePort()
    await start(`interval=100ms type=tcp port=${gone}`, [peer])
    await until(
      'the line',
      () => logged('peer is unhealthy while connect() failed (111: Connection refused)') === 1,
    )
    await portico?.stop()
    await start('interval=100ms type=tcp', [peer])
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(logged('peer is unhealthy')).toBe(0)
  }, 60_000)

  it('makes a connection each time, or keeps one for keepalive_time', async () => {
    const only = await backend()
    await start('interval=100ms', [only])
    await until('checks', () => only.checks.length >= 5)
    expect(new Set(only.checks.map(({ from }) => from)).size).toBe(only.checks.length)
    await portico?.stop()
    only.checks.length = 0
    await start(
      'interval=100ms keepalive_time=60s',
      [only],
      1,
      "proxy_http_version 1.1; proxy_set_header Connection '';",
    )
    await until('checks', () => only.checks.length >= 5)
    expect(new Set(only.checks.map(({ from }) => from)).size).toBe(1)
  }, 60_000)

  it('is run by one of four workers, for all; when that one is killed another one goes on', async () => {
    const [first, second] = [await backend(), await backend()]
    const port = await start('interval=500ms', [first, second], 4)
    await until('checks', () => first.checks.length > 4)
    const count = first.checks.length
    await new Promise((resolve) => setTimeout(resolve, 5000))
    const inFiveSeconds = first.checks.length - count
    expect(inFiveSeconds).toBeGreaterThanOrEqual(6)
    expect(inFiveSeconds).toBeLessThanOrEqual(12)
    first.answer = ill
    await until('the line', () => logged('peer is unhealthy') > 0)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(logged('peer is unhealthy')).toBe(1)
    const before = first.requests
    const workers = new Set<string>()
    for (let tries = 0; tries < 400 && workers.size < 4; tries += 1) {
      workers.add((await ask(port, '/pid')).body)
      expect((await ask(port)).body).toBe(String(second.port))
    }
    expect(workers.size).toBe(4)
    expect(first.requests).toBe(before)
    const metrics = await ask(port, '/metrics')
    expect(metrics.body).toMatch(
      new RegExp(`portico_upstream_healthy\\{[^}]*127.0.0.1:${first.port}[^}]*\\} 0`),
    )
    expect(metrics.body).toMatch(
      new RegExp(`portico_upstream_healthy\\{[^}]*127.0.0.1:${second.port}[^}]*\\} 4`),
    )
    // whoever checks: killed one after the other
    for (const worker of workers) process.kill(Number(worker), 'SIGKILL')
    const since = first.checks.length
    await until('checks by another', () => first.checks.length > since + 2)
    expect((await ask(port)).body).toBe(String(second.port))
  }, 60_000)
})

describe('The conf of health checks', () => {
  const faultOf = (http: string): string => {
    try {
      new FrontHarness(http).close()
      return 'ok'
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }
  const within = (check: string, zone = 'zone z 64k;', more = ''): string =>
    faultOf(`${more} upstream g { ${zone} server 127.0.0.1:81; }
      server { location / { proxy_pass http://g; ${check} } }`)

  it.each([
    ['health_check;', 'ok'],
    [
      'health_check interval=10 jitter=3s fails=3 passes=2 uri=/x mandatory persistent port=80 keepalive_time=60s;',
      'ok',
    ],
    ['health_check; health_check uri=/other;', 'ok'],
    ['health_check persistent;', 'invalid parameter "persistent"'],
    ['health_check interval=0;', 'invalid parameter "interval=0"'],
    ['health_check fails=0;', 'invalid parameter "fails=0"'],
    ['health_check port=65536;', 'invalid parameter "port=65536"'],
    ['health_check uri=x;', 'invalid parameter "uri=x"'],
    ['health_check other=1;', 'invalid parameter "other=1"'],
    ['health_check match=none;', 'match "none" is not defined'],
    ['health_check type=grpc;', 'health checks of "type=grpc" are not implemented by this server'],
    ['health_check type=tcp uri=/x;', '"type=tcp" cannot be used with "uri" or "match"'],
  ])('%s', (check, said) => {
    expect(within(check)).toBe(said)
  })

  it('wants a zone and an upstream', () => {
    expect(within('health_check;', '')).toBe('"health_check" requires "zone" in upstream "g"')
    expect(faultOf('server { location / { health_check; } }')).toContain('"health_check" needs an upstream')
    expect(faultOf('server { location / { proxy_pass http://$host; health_check; } }')).toContain(
      'named without variables',
    )
  })

  it.each([
    ['status 200 301-303;', 'ok'],
    ['status ! 500;', 'ok'],
    ['status 600x;', 'invalid status "600x"'],
    ['status 300-200;', 'invalid status "300-200"'],
    ['status;', 'invalid number of arguments in "status" directive'],
    ['header Host;', 'ok'],
    ['header ! Host;', 'ok'],
    ['header A = b;', 'ok'],
    ['header A ? b;', 'invalid "header" parameters'],
    ['body ~ "a b";', 'ok'],
    ['body = x;', 'invalid "body" parameters'],
    ['body ~ "(";', 'missing'],
    ['require $a;', 'unknown "a" variable'],
    ['require a;', 'invalid variable name "a"'],
    ['nothing;', 'unknown directive "nothing"'],
  ])('match { %s }', (tests, said) => {
    expect(within('health_check match=m;', undefined, `match m { ${tests} }`)).toContain(said)
  })
})

/** Requests that are bound to a server, servers that take no others, and requests that wait for one. */
import { createServer, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { FrontHarness } from '../support/front-harness.ts'
import { PorticoServer } from '../support/portico-server.ts'

const PEERS = 3
const GROUPS: Readonly<Record<string, string>> = {
  cookie:
    'server %0; server %1; server %2; sticky cookie srv-id expires=1h domain=.a.test httponly secure samesite=lax path=/x;',
  plain: 'server %0; server %1; sticky cookie S;',
  forever: 'server %0; sticky cookie S expires=max domain=$arg_d samesite=$arg_s;',
  route: 'server %0 route=a; server %1 route=b; server %2; sticky route $arg_none $arg_r $cookie_r;',
  drain: 'server %0; server %1 route=b drain; sticky route $arg_r;',
  only_drain: 'server %1 route=b drain; sticky route $arg_r;',
  gone: 'server %0; server %9 route=gone max_fails=1; sticky route $arg_r;',
  least: 'least_conn; server %0; server %1; server %2; sticky cookie S;',
  queue: 'server %8 max_conns=1; queue 2 timeout=400ms;',
  full: 'server %8 max_conns=1;',
}

let portico: PorticoServer
let port = 0
const ports: number[] = []
const servers: Server[] = []
const held: ServerResponse[] = []

const listen = async (take: (response: ServerResponse) => void): Promise<number> => {
  const server = createServer((_request, response) => take(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  return (server.address() as AddressInfo).port
}

beforeAll(async () => {
  for (let index = 0; index < PEERS; index += 1)
    ports.push(await listen((response) => response.end(String(index))))
  ports[8] = await listen((response) => void held.push(response))
  ports[9] = await freePort()
  port = await freePort()
  const filled = (text: string): string =>
    text.replace(/%(\d)/g, (_, index) => `127.0.0.1:${ports[Number(index)]}`)
  const names = Object.entries(GROUPS)
  portico = await PorticoServer.start({
    conf: `error_log logs/error.log; http { access_log off;
      ${names.map(([name, body]) => `upstream ${name} { ${filled(body)} }`).join('\n')}
      server { listen 127.0.0.1:${port};
        ${names.map(([name]) => `location /${name} { proxy_pass http://${name}; }`).join('\n')} } }`,
    files: { 'logs/.keep': '' },
  })
}, 60_000)

afterEach(() => {
  for (const response of held.splice(0)) response.end('held')
})

afterAll(async () => {
  await portico.stop()
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

interface Answer {
  readonly status: number
  readonly cookie: string | undefined
  readonly body: string
}

function ask(path: string, cookie = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('error', reject)
    socket.on('data', (bytes) => (text += bytes.toString('latin1')))
    socket.on('close', () =>
      resolve({
        status: Number(text.slice(9, 12)),
        cookie: /^Set-Cookie: (.*?)\r$/m.exec(text)?.[1],
        body: text.slice(text.indexOf('\r\n\r\n') + 4),
      }),
    )
    socket.write(`GET ${path} HTTP/1.0\r\nHost: a\r\n${cookie === '' ? '' : `Cookie: ${cookie}\r\n`}\r\n`)
  })
}

const bodies = async (path: string, cookie = '', count = 6): Promise<string> => {
  let text = ''
  for (let left = count; left > 0; left -= 1) text += (await ask(path, cookie)).body
  return text
}

const idOf = (index: number): string => createHash('md5').update(`127.0.0.1:${ports[index]}`).digest('hex')

describe('sticky cookie', () => {
  it('sets a cookie with all its parameters, by which the next requests go to the same server', async () => {
    const { cookie = '', body } = await ask('/cookie')
    const [, expires = ''] = /; expires=\w{3}, (\d\d-\w{3}-\d\d \d\d:\d\d:\d\d GMT);/.exec(cookie) ?? []
    expect(Math.abs(Date.parse(expires.replace(/-(\d\d) /, '-20$1 ')) - Date.now() - 3_600_000)).toBeLessThan(
      10_000,
    )
    expect(cookie.replace(/; expires=[^;]*/, '')).toBe(
      `srv-id=${idOf(Number(body))}; max-age=3600; domain=.a.test; httponly; secure; samesite=lax; path=/x`,
    )
    for (const index of [0, 1, 2])
      expect(await bodies('/cookie', `x=y; srv-id=${idOf(index)}`)).toBe(String(index).repeat(6))
  })

  it('has no parameters that are not asked for, and goes by turns for those who are bound to nobody', async () => {
    expect(await ask('/plain')).toMatchObject({ cookie: expect.stringMatching(/^S=[0-9a-f]{32}$/) as string })
    expect(new Set(await bodies('/plain'))).toEqual(new Set(['0', '1']))
    expect(new Set(await bodies('/plain', 'S=nobody'))).toEqual(new Set(['0', '1']))
    expect(await bodies('/least', `S=${idOf(2)}`)).toBe('222222')
  })

  it('may last for ever, with values of variables', async () => {
    const forever = `S=${idOf(0)}; expires=Thu, 31-Dec-37 23:55:55 GMT; max-age=315360000`
    expect((await ask('/forever')).cookie).toBe(forever)
    expect((await ask('/forever?d=b.test&s=None')).cookie).toBe(`${forever}; domain=b.test; samesite=None`)
    expect((await ask('/forever?s=other')).cookie).toBe(`${forever}; samesite=strict`)
  })
})

describe('sticky route', () => {
  it('goes by the first variable that is not empty, to a route or the MD5 of an address', async () => {
    expect(await bodies('/route?r=a')).toBe('000000')
    expect(await bodies('/route?r=b', 'r=a')).toBe('111111')
    expect(await bodies('/route', 'r=b')).toBe('111111')
    expect(await bodies(`/route?r=${idOf(2)}`)).toBe('222222')
    expect(new Set(await bodies('/route?r=c'))).toEqual(new Set(['0', '1', '2']))
    expect((await ask('/route?r=a')).cookie).toBeUndefined()
  })

  it('chooses another server where the bound one cannot be asked', async () => {
    expect(await bodies('/gone?r=gone')).toBe('000000')
  })
})

describe('drain', () => {
  it('takes only requests that are bound', async () => {
    expect(await bodies('/drain')).toBe('000000')
    expect(await bodies('/drain?r=b')).toBe('111111')
    expect((await ask('/only_drain')).status).toBe(502)
    expect((await ask('/only_drain?r=b')).body).toBe('1')
  })
})

describe('a group that is full', () => {
  const heldBack = async (count: number): Promise<void> => {
    const end = performance.now() + 10_000
    while (held.length < count && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 10))
    expect(held).toHaveLength(count)
  }

  it('refuses at once without a queue', async () => {
    const first = ask('/full')
    await heldBack(1)
    expect((await ask('/full')).status).toBe(502)
    held.shift()?.end('first')
    expect((await first).body).toBe('first')
  })

  it('lets as many wait as the queue takes, in order, and refuses others', async () => {
    const answers = [ask('/queue?1')]
    await heldBack(1)
    answers.push(ask('/queue?2'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    answers.push(ask('/queue?3'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect((await ask('/queue?4')).status).toBe(502)
    for (const name of ['one', 'two', 'three']) {
      await heldBack(1)
      held.shift()?.end(name)
    }
    expect((await Promise.all(answers)).map(({ body }) => body)).toEqual(['one', 'two', 'three'])
  })

  it('refuses those for whom it takes too long, and forgets those who leave', async () => {
    const first = ask('/queue')
    await heldBack(1)
    const gone = connect(port, '127.0.0.1')
    gone.write('GET /queue HTTP/1.0\r\nHost: a\r\n\r\n')
    await new Promise((resolve) => setTimeout(resolve, 50))
    gone.destroy()
    const began = performance.now()
    expect((await ask('/queue')).status).toBe(502)
    expect(performance.now() - began).toBeGreaterThan(300)
    held.shift()?.end('first')
    expect((await first).body).toBe('first')
    expect(held).toHaveLength(0)
  })
})

describe('the conf', () => {
  const said = (body: string): string => {
    try {
      new FrontHarness(
        `upstream g { server 127.0.0.1; ${body} } server { location / { proxy_pass http://g; } }`,
      ).close()
      return 'ok'
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  it.each([
    ['sticky cookie a;', 'ok'],
    ['sticky cookie;', 'invalid number of arguments in "sticky" directive'],
    ['sticky cookie a expires=x;', '"sticky" directive invalid "expires" parameter value'],
    ['sticky cookie a path=;', '"sticky" directive no value for "path"'],
    ['sticky cookie a path=/ path=/;', '"sticky" directive parameter "path" is duplicate'],
    ['sticky cookie a samesite=x;', '"sticky" directive invalid "samesite" parameter value'],
    ['sticky cookie a other;', 'unknown parameter "other"'],
    ['sticky cookie a domain=$nothing;', 'unknown "nothing" variable'],
    ['sticky route a;', 'invalid variable name "a"'],
    ['sticky route $nothing;', 'unknown "nothing" variable'],
    ['sticky other x;', 'unknown parameter "other"'],
    ['sticky learn create=$upstream_cookie_a lookup=$cookie_a zone=z:1m;', 'ok'],
    [
      'sticky learn create=$upstream_cookie_a lookup=$cookie_a lookup=$arg_a zone=z:1m timeout=1h header;',
      'ok',
    ],
    ['sticky learn create=$upstream_cookie_a lookup=$cookie_a;', '"sticky" directive no "zone" parameter'],
    ['sticky learn create=$upstream_cookie_a zone=z:1m;', '"sticky" directive no "lookup" parameter'],
    ['sticky learn lookup=$cookie_a zone=z:1m;', '"sticky" directive no "create" parameter'],
    ['sticky learn create=a lookup=$cookie_a zone=z:1m;', 'invalid variable name "a"'],
    [
      'sticky learn create=$upstream_cookie_a lookup=$cookie_a zone=z;',
      '"sticky" directive invalid zone "z"',
    ],
    [
      'sticky learn create=$upstream_cookie_a lookup=$cookie_a zone=z:1k;',
      '"sticky" directive zone "z:1k" is too small',
    ],
    [
      'sticky learn create=$upstream_cookie_a lookup=$cookie_a zone=z:1m timeout=x;',
      '"sticky" directive invalid "timeout" parameter value',
    ],
    [
      'sticky learn create=$upstream_cookie_a lookup=$cookie_a zone=z:1m sync;',
      '"sticky" directive parameter "sync" is not supported: zones are of one machine',
    ],
    ['sticky learn create=$upstream_cookie_a lookup=$cookie_a zone=z:1m other;', 'unknown parameter "other"'],
    [
      'sticky learn create=$upstream_cookie_a lookup=$cookie_a zone=z:1m zone=z:1m;',
      '"sticky" directive parameter "zone" is duplicate',
    ],
    ['sticky cookie a; sticky cookie b;', '"sticky" directive is duplicate'],
    ['queue 10;', 'ok'],
    ['queue 10 timeout=3s;', 'ok'],
    ['queue 0;', 'invalid value "0" in "queue" directive'],
    ['queue 1 timeout=x;', 'invalid parameter "timeout=x"'],
    ['queue 1 other;', 'invalid parameter "other"'],
  ])('%s', (body, message) => {
    expect(said(body)).toBe(message)
  })
})

/** `sticky learn`: sessions that servers begin are known to both workers, and to those after a reload. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { sendRaw } from '../support/raw-client.ts'

const PEERS = 3
/** What each group has besides its servers. */
const GROUPS: Readonly<Record<string, string>> = {
  end: 'sticky learn create=$upstream_cookie_sid create=$upstream_http_x_session lookup=$cookie_sid lookup=$arg_sid zone=a:1m;',
  head: 'sticky learn create=$upstream_cookie_sid lookup=$cookie_sid zone=b:1m header;',
  moves: 'sticky learn create=$upstream_cookie_sid lookup=$cookie_sid zone=d:1m;',
  short: 'sticky learn create=$upstream_cookie_sid lookup=$cookie_sid zone=c:1m timeout=500ms;',
}

/** The keeper hears of a session by the way: the next request may come to it first. */
const PATIENTLY = { timeout: 20_000 }

const servers: Server[] = []
let portico: PorticoServer
let port = 0
let sessions = 0
/** Servers that answer nobody. */
const away = new Set<number>()

beforeAll(async () => {
  for (let index = 0; index < PEERS; index += 1) {
    const server = createServer((request, response) => {
      const url = request.url ?? ''
      if (away.has(index)) {
        request.socket.destroy()
        return
      }
      response.setHeader('X-Peer', String(index))
      if (url.includes('begin'))
        response.setHeader('Set-Cookie', [`other=1`, `sid=s${(sessions += 1)}; path=/`])
      if (url.includes('name')) response.setHeader('X-Session', `s${(sessions += 1)}`)
      if (url.includes('wait')) response.write('begun')
      else response.end('x')
    })
    server.on('upgrade', (_request, socket) => {
      socket.end(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\nX-Peer: ${index}\r\nSet-Cookie: sid=s${(sessions += 1)}\r\n\r\n`,
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    servers.push(server)
  }
  port = await freePort()
  const peers = servers
    .map((server) => `server 127.0.0.1:${(server.address() as AddressInfo).port};`)
    .join(' ')
  const names = Object.entries(GROUPS)
  portico = await PorticoServer.start({
    conf: `worker_processes 2; error_log logs/error.log; http { access_log off;
      ${names.map(([name, sticky]) => `upstream ${name} { ${peers} ${sticky} }`).join('\n')}
      server { listen 127.0.0.1:${port}; add_header X-Worker $pid; add_header X-Told $upstream_http_x_session;
        location /tunnel { proxy_pass http://end; proxy_http_version 1.1;
          proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }
        ${names.map(([name]) => `location /${name} { proxy_pass http://${name}; }`).join('\n')} } }`,
    files: { 'logs/.keep': '' },
  })
}, 60_000)

afterAll(async () => {
  await portico.stop()
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

interface Answer {
  readonly peer: string
  readonly worker: string
  readonly session: string
}

async function ask(path: string, session = ''): Promise<Answer> {
  const abort = new AbortController()
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { Connection: 'close', ...(session !== '' && { Cookie: `sid=${session}` }) },
    signal: abort.signal,
  })
  const { headers } = response
  if (path.includes('wait')) abort.abort()
  else await response.arrayBuffer()
  return {
    peer: headers.get('x-peer') ?? '',
    worker: headers.get('x-worker') ?? '',
    session: headers.get('x-told') ?? /sid=(s\d+)/.exec(headers.get('set-cookie') ?? '')?.[1] ?? '',
  }
}

/** Of many requests: who answered, until both workers were met. */
async function asked(path: string, session: string): Promise<Set<string>> {
  const peers = new Set<string>()
  const workers = new Set<string>()
  for (let turn = 0; turn < 100 && (turn < 8 || workers.size < 2); turn += 1) {
    const { peer, worker } = await ask(path, session)
    peers.add(peer)
    workers.add(worker)
  }
  expect(workers.size).toBeGreaterThanOrEqual(2) // after a reload, one that is leaving may still answer
  return peers
}

describe('sticky learn', () => {
  it('binds a session to the server that began it, in every worker and after a reload', async () => {
    const first = await ask('/end/begin')
    const second = await ask('/end/begin')
    await expect.poll(() => asked('/end/', first.session), PATIENTLY).toEqual(new Set([first.peer]))
    await expect.poll(() => asked('/end/', second.session), PATIENTLY).toEqual(new Set([second.peer]))
    await expect.poll(() => asked(`/end/?sid=${first.session}`, ''), PATIENTLY).toEqual(new Set([first.peer]))
    const { worker } = first
    portico.signal('SIGHUP')
    await expect.poll(async () => (await ask('/end/')).worker, { timeout: 30_000 }).not.toBe(worker)
    expect(await ask('/end/', first.session)).toMatchObject({ peer: first.peer })
  }, 60_000)

  it('takes the first variable that is not empty, and turns for sessions that nobody knows', async () => {
    const named = await ask('/end/name')
    await expect.poll(() => asked('/end/', named.session), PATIENTLY).toEqual(new Set([named.peer]))
    expect((await asked('/end/', 'nobody')).size).toBe(PEERS)
    expect((await asked('/head/', named.session)).size).toBe(PEERS)
  }, 60_000)

  it('learns at the head where it is told to', async () => {
    const { peer, session } = await ask('/head/begin-wait')
    await expect.poll(() => asked('/head/', session), PATIENTLY).toEqual(new Set([peer]))
  }, 60_000)

  it('learns of an upgraded connection as of other answers', async () => {
    const { text } = await sendRaw(
      port,
      'GET /tunnel HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
    )
    const peer = /x-peer: (\d)/i.exec(text)?.[1] ?? 'none'
    const session = /sid=(s\d+)/.exec(text)?.[1] ?? 'none'
    await expect.poll(() => asked('/end/', session), PATIENTLY).toEqual(new Set([peer]))
  }, 60_000)

  it('lets a session whose server is gone stay with the one that takes it over', async () => {
    const { peer, session } = await ask('/moves/begin')
    await expect.poll(() => asked('/moves/', session), PATIENTLY).toEqual(new Set([peer]))
    away.add(Number(peer))
    let other = peer
    await expect.poll(async () => (other = (await ask('/moves/', session)).peer), PATIENTLY).not.toBe(peer)
    await expect.poll(() => asked('/moves/', session), PATIENTLY).toEqual(new Set([other]))
    away.clear()
    expect(await asked('/moves/', session)).toEqual(new Set([other]))
  }, 60_000)

  it('forgets a session that nobody asked for in time', async () => {
    const { session } = await ask('/short/begin')
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect((await asked('/short/', session)).size).toBe(PEERS)
  }, 60_000)
})

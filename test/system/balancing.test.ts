/** Groups of peers beside those of nginx: the same keys go to the same peers. */
import { Agent, createServer, get, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { FrontHarness } from '../support/front-harness.ts'
import { NginxServer, nginxConf } from '../support/nginx-server.ts'
import { describeWithPeer } from '../support/peer.ts'
import { PorticoServer } from '../support/portico-server.ts'

const KEYS = 200
const PEERS = 5

/** What stands in each `upstream`; %0 to %4 are the peers, %5 is nobody. */
const GROUPS: Readonly<Record<string, string>> = {
  hash: 'hash $arg_k; server %0; server %1; server %2; server %3; server %4;',
  hash_weights: 'hash $arg_k; server %0 weight=5; server %1 weight=2; server %2;',
  hash_down: 'hash $arg_k; server %0; server %1 down; server %2; server %3 weight=3;',
  hash_dead: 'hash $arg_k; server %0; server %5 max_fails=0; server %2; server %3 weight=3;',
  hash_two_values: 'hash $arg_k$host; server %0; server %1; server %2;',
  consistent: 'hash $arg_k consistent; server %0; server %1; server %2; server %3; server %4;',
  consistent_weights: 'hash $arg_k consistent; server %0 weight=5; server %1 weight=2; server %2;',
  consistent_down: 'hash $arg_k consistent; server %0; server %1 down; server %2; server %3 weight=3;',
  consistent_dead: 'hash $arg_k consistent; server %0; server %5 max_fails=0; server %2; server %3;',
  ip: 'ip_hash; server %0; server %1; server %2; server %3; server %4;',
  ip_weights: 'ip_hash; server %0 weight=5; server %1 weight=2; server %2;',
  ip_down: 'ip_hash; server %0; server %1 down; server %2; server %3 weight=3;',
  ip_dead: 'ip_hash; server %0; server %5 max_fails=0; server %2; server %3;',
  turns: 'server %0 weight=5; server %1; server %2 weight=3;',
  turns_backup: 'server %0 weight=5; server %1; server %2 backup;',
  turns_backup_only: 'server %5; server %2 backup; server %3 backup weight=2;',
  least: 'least_conn; server %0 weight=3; server %1; server %2 weight=2;',
}

/** A client of its own for each key, of both families. */
const client = (key: number): string =>
  key % 4 === 3
    ? `2001:db8:${(key * 7919).toString(16).slice(0, 4)}::${key.toString(16)}`
    : `${10 + (key % 200)}.${(key * 37) % 256}.${(key * 91) % 256}.${key % 256}`

function confOf(port: number, peers: readonly number[]): string {
  const address = (text: string): string =>
    text.replace(/%(\d)/g, (_, index) => `127.0.0.1:${peers[Number(index)]}`)
  const names = Object.entries(GROUPS)
  return `
    access_log off;
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Forwarded-For;
    ${names.map(([name, body]) => `upstream ${name} { ${address(body)} }`).join('\n')}
    server {
      listen 127.0.0.1:${port};
      ${names.map(([name]) => `location /${name} { proxy_pass http://${name}; }`).join('\n')}
    }`
}

describeWithPeer('nginx', 'Balancing', (path) => {
  const peers: Server[] = []
  const ports: number[] = []
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  let portico: PorticoServer
  let nginx: NginxServer
  let ours = 0
  let theirs = 0

  const ask = (port: number, name: string, key: number): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = { 'X-Forwarded-For': client(key) }
      const options = { port, host: '127.0.0.1', path: `/${name}?k=key-${key}`, agent, headers }
      get(options, (response) => {
        let text = ''
        response.on('data', (bytes: Buffer) => (text += bytes.toString()))
        response.on('end', () => resolve(`${response.statusCode} ${text}`))
      }).on('error', reject)
    })

  beforeAll(async () => {
    for (let index = 0; index < PEERS; index += 1) {
      const peer = createServer((_, response) => response.end(String(index)))
      await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve))
      peers.push(peer)
      ports.push((peer.address() as AddressInfo).port)
    }
    ports.push(await freePort())
    ours = await freePort()
    theirs = await freePort()
    nginx = await NginxServer.start(path, confOf(theirs, ports), theirs)
    const conf = `error_log logs/error.log; http { ${confOf(ours, ports)} }`
    portico = await PorticoServer.start({ conf, files: { 'logs/.keep': '' } })
  }, 60_000)

  afterAll(async () => {
    agent.destroy()
    for (const peer of peers) peer.close()
    await Promise.all([portico.stop(), nginx.stop()])
  })

  it.each(Object.keys(GROUPS))(
    `sends ${KEYS} keys where nginx does: %s`,
    async (name) => {
      const all = async (port: number): Promise<string[]> => {
        const answers: string[] = []
        for (let key = 0; key < KEYS; key += 1) answers.push(await ask(port, name, key))
        return answers
      }
      const [mine, its] = await Promise.all([all(ours), all(theirs)])
      expect(mine).toEqual(its)
      expect(new Set(mine).size).toBeGreaterThan(1)
      expect(mine.filter((answer) => !/^200 \d$/.test(answer))).toEqual([])
    },
    30_000,
  )
})

/** What stands in `upstream g { }`, beside a server that passes to it. */
const BLOCKS: readonly string[] = [
  '',
  'server 127.0.0.1;',
  'server 127.0.0.1 weight=0;',
  'server 127.0.0.1 weight=x;',
  'server 127.0.0.1 weight=;',
  'server 127.0.0.1 max_fails=-1;',
  'server 127.0.0.1 max_conns=x;',
  'server 127.0.0.1 fail_timeout=x;',
  'server 127.0.0.1 fail_timeout=1m;',
  'server 127.0.0.1 nothing;',
  'server 127.0.0.1 nothing=1;',
  'server 127.0.0.1 backup;',
  'server 127.0.0.1 down backup weight=3;',
  'server 127.0.0.1:0;',
  'server 127.0.0.1:65536;',
  'server 127.0.0.1:x;',
  'server unix:;',
  'server unix:/tmp/x;',
  'server [::1]:80;',
  'server;',
  'ip_hash; server 127.0.0.1 backup;',
  'hash $arg_k; server 127.0.0.1 backup;',
  'random; server 127.0.0.1 backup;',
  'least_conn; server 127.0.0.1 backup; server 127.0.0.2;',
  'least_conn; server 127.0.0.1;',
  'least_conn x; server 127.0.0.1;',
  'ip_hash x; server 127.0.0.1;',
  'hash; server 127.0.0.1;',
  'hash $arg_k other; server 127.0.0.1;',
  'hash $arg_k consistent; server 127.0.0.1;',
  'hash $nothing; server 127.0.0.1;',
  'random two; server 127.0.0.1;',
  'random two least_conn; server 127.0.0.1;',
  'random two other; server 127.0.0.1;',
  'random three; server 127.0.0.1;',
  'random two least_conn more; server 127.0.0.1;',
  'server 127.0.0.1; keepalive 1;',
  'server 127.0.0.1; keepalive x;',
  'server 127.0.0.1; keepalive;',
  'server 127.0.0.1; keepalive 4; keepalive 5;',
  'server 127.0.0.1; keepalive_requests x;',
  'server 127.0.0.1; keepalive_timeout x;',
  'server 127.0.0.1; keepalive_time 1h; keepalive 3;',
  'zone z 64k; server 127.0.0.1;',
  'zone z 1k; server 127.0.0.1;',
  'zone z x; server 127.0.0.1;',
  'zone z 0; server 127.0.0.1;',
  'zone z; server 127.0.0.1;',
  'zone; server 127.0.0.1;',
  'zone z 64k more; server 127.0.0.1;',
  'zone z 64k; zone z 64k; server 127.0.0.1;',
  'zone z 64k; server 127.0.0.1; } upstream h { zone z; server 127.0.0.2;',
  'zone z 64k; server 127.0.0.1; } upstream h { zone z 64k; server 127.0.0.2;',
  'zone z 64k; server 127.0.0.1; } upstream h { zone z 128k; server 127.0.0.2;',
  'zone z; server 127.0.0.1; } upstream h { zone z 64k; server 127.0.0.2;',
  'server 127.0.0.1; } upstream g { server 127.0.0.2;',
]

describeWithPeer('nginx', 'Blocks of upstreams', (path) => {
  let folder: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'portico-blocks-'))
    mkdirSync(join(folder, 'logs'))
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const http = (block: string): string =>
    `upstream g {${block} }\nserver { listen 127.0.0.1:8999; location / { proxy_pass http://g; } }`

  /** What is said without place and reasons of the system; 'ok' for nothing. */
  const plain = (text: string): string => {
    const [, message] = /\[emerg\] (.*?)(?: in \S+:\d+)?$/m.exec(text) ?? []
    return message ?? 'ok'
  }

  const theirs = (block: string): string => {
    writeFileSync(join(folder, 'nginx.conf'), nginxConf(folder, http(block)))
    const args = ['-t', '-q', '-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'start.log')]
    return plain(spawnSync(path, args, { encoding: 'utf8' }).stderr)
  }

  const ours = (block: string): string => {
    try {
      new FrontHarness(http(block)).close()
      return 'ok'
    } catch (error) {
      return error instanceof Error ? error.message.replace(/ in \S+:\d+$/, '') : String(error)
    }
  }

  it.each(BLOCKS)('are taken or refused as nginx does: %s', (block) => {
    expect(ours(block)).toBe(theirs(block))
  })
})

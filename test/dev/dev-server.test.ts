/** The listener of `portico dev` as any listener of node:http: supertest calls it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bindConf, readConf } from '../../src/cli/load-conf.ts'
import type { AppFailure } from '../../src/dev/app-failure.ts'
import { DevLog, DevLogs } from '../../src/dev/dev-log.ts'
import { DevObserver, type AppGate } from '../../src/dev/dev-observer.ts'
import { DevServer } from '../../src/dev/dev-server.ts'
import { compileFront } from '../../src/front/compile/compile-front.ts'
import { http } from '../../src/front/core-directives.ts'

const CONF = `events {}
app shop { entry wsgi.ts; }
http {
  types { text/plain txt; }
  charset utf-8;
  access_log /nowhere/access.log;
  error_log /nowhere/error.log;
  server {
    listen 8080;
    root site;
    location /said { return 200 "said"; }
    location /dropped { return 444; }
    location /shop { app_pass shop; }
    location /kept { add_header ETag '"own"'; }
  }
}`

let folder: string
let lines = ''
let failure: AppFailure | undefined
let agent: ReturnType<typeof supertest>

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'portico-dev-'))
  const files = {
    'conf/portico.conf': CONF,
    'site/a.txt': 'text',
    'site/big.txt': 'x'.repeat(1 << 20),
    'wsgi.ts': '',
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const places = { prefix: folder, confPath: join(folder, 'conf/portico.conf'), errorLog: 'stderr' }
  const destination = new PassThrough()
  destination.on('data', (bytes: Buffer) => (lines += bytes.toString()))
  const log = new DevLog({ destination, colour: false })
  const { statements } = readConf(places, '')
  const { main } = bindConf(statements, places)
  const gate: AppGate = { ready: () => Promise.resolve(failure) }
  const [block] = main.blocks(http)
  if (!block) throw new Error('no http')
  const front = compileFront(block.scope, {
    ...places,
    logs: new DevLogs(log),
    apps: new Map([
      ['shop', { protocol: 'fastcgi', addresses: [{ kind: 'unix', path: join(folder, 'none.sock') }] }],
    ]),
    defaultErrorLog: 'stderr',
    defaultPort: 8000,
    observer: new DevObserver(statements, new Map([['shop', gate]])),
  })
  const server = new DevServer({ log, tempFolder: folder, hostname: 'here' })
  server.serve(front.listenPoints)
  agent = supertest((message: IncomingMessage, response: ServerResponse) =>
    server.answer('0.0.0.0:8080', message, response),
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('the listener', () => {
  it('gives files by serve-static, with the type of the conf', async () => {
    const { status, text, headers } = await agent.get('/a.txt')
    expect([status, text, headers['content-type']]).toEqual([200, 'text', 'text/plain; charset=utf-8'])
    expect(headers['etag']).toMatch(/^W\//)
    expect(headers['server']).toBeUndefined()
  })

  it('streams large files', async () => {
    const { text } = await agent.get('/big.txt')
    expect(text).toHaveLength(1 << 20)
  })

  it('lets the front say what the conf says', async () => {
    const { status, text, headers } = await agent.get('/said')
    expect([status, text]).toEqual([200, 'said'])
    expect(headers['server']).toMatch(/^portico/)
    expect((await agent.get('/none')).status).toBe(404)
    expect((await agent.post('/a.txt').send('x')).status).toBe(405)
  })

  it('closes without an answer where the conf wants it so', async () => {
    await expect(agent.get('/dropped')).rejects.toThrow('socket hang up')
  })

  it('shows why an application does not run', async () => {
    failure = { name: 'SyntaxError', message: 'no such thing', stack: 'stack', place: undefined }
    const page = await agent.get('/shop').set('Accept', 'text/html')
    expect([page.status, page.type]).toEqual([500, 'text/html'])
    expect(page.text).toContain('no such thing')
    expect(page.headers['cache-control']).toBe('no-store')
  })

  it('asks an application that is ready', async () => {
    failure = undefined
    expect((await agent.get('/shop')).status).toBe(502) // nobody listens there
    expect(lines).toContain('connect() failed (2: No such file')
  })

  it('logs a line for each request, and no log of the conf', async () => {
    await agent.get('/said?logged')
    expect(lines).toMatch(/INFO: GET \/said\?logged 200 [\d.]+ ms/)
    expect(lines).toMatch(/WARN: GET \/none 404/)
    expect(lines).toMatch(/ERROR: open\(\) ".*site\/none" failed \(2: No such file or directory\)/)
  })
})

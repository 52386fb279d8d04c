/** What a conf may have besides one application: each of it is served, or said at start to be left to the front. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Certificates } from '../support/certificates.ts'
import { DevProcess } from '../support/dev-process.ts'
import { freePort } from '../support/free-port.ts'

let folder: string
let dev: DevProcess
let ports: readonly [plain: number, tls: number]
const upstreams: Server[] = []
const certificates = new Certificates()

/** An upstream that answers with its name. */
async function upstream(name: string): Promise<number> {
  const server = createServer((_, response) => response.end(name))
  upstreams.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const conf = (one: number, two: number): string => `events {}
app site { entry site/app.ts; }
app back { entry back/app.ts; cwd back; }
app other { command ${process.execPath} other.mjs $app_path; protocol http; }
app gone { command ${process.execPath} gone.mjs $app_path; protocol http; }
app pair { command ${process.execPath} pair.mjs $app_path; protocol http; workers 2; }
http {
  include mime.types;
  upstream both { server 127.0.0.1:${one}; server 127.0.0.1:${two}; }
  server {
    listen 127.0.0.1:${ports[0]};
    listen 127.0.0.1:${ports[1]} ssl;
    ssl_certificate c.pem;
    ssl_certificate_key k.pem;
    location / { app_pass site; }
    location /back { app_pass back; }
    location /other { app_pass other; }
    location /gone { app_pass gone; }
    location /pair { app_pass pair; }
    location /both { proxy_pass http://both; }
    location /style.css { root site; }
  }
}
`

const FILES: Readonly<Record<string, string>> = {
  'site/style.css': 'p {}',
  'site/app.ts': `const head = ['200 OK', [['Content-Type', 'text/plain']]] as const
function* late(start: any) { start(...head); throw new Error('out of ' + 'chunks') }
async function* later(start: any) { start(...head); yield Buffer.alloc(0); throw new Error('out of ' + 'pieces') }
export function application(environ: any, start: any) {
  if (environ.PATH_INFO === '/late') return late(start)
  if (environ.PATH_INFO === '/later') return later(start)
  start(...head)
  return [Buffer.from(process.cwd())]
}
`,
  'back/app.ts': `export function application(environ: any, start: any) {
  start('200 OK', [])
  return [Buffer.from(process.cwd())]
}
`,
  'other.mjs': `import { createServer } from 'node:http'
createServer((message, response) => response.end('another: ' + message.url)).listen(process.argv[2], () => console.log('it listens'))
`,
  'pair.mjs': `import { existsSync } from 'node:fs'
if (/\\b1\\b[^/]*$/.test(process.argv[2]) && !existsSync('second.mjs')) process.exit(4)
await import('./other.mjs')
`,
  'gone.mjs': "console.error('no such database'); process.exit(3)\n",
}

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'portico-dev-conf-')))
  ports = [await freePort(), await freePort()]
  for (const name of ['conf', 'site', 'back']) mkdirSync(join(folder, name))
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text)
  certificates.make({ name: 'localhost' })
  writeFileSync(join(folder, 'conf/c.pem'), certificates.read('localhost.crt'))
  writeFileSync(join(folder, 'conf/k.pem'), certificates.read('localhost.key'))
  writeFileSync(join(folder, 'conf/portico.conf'), conf(await upstream('one'), await upstream('two')))
  dev = await DevProcess.start({ folder, args: [] })
})
afterAll(async () => {
  expect(await dev.stop()).toBe(0)
  for (const server of upstreams) {
    server.closeAllConnections()
    server.close()
  }
  certificates.remove()
  rmSync(folder, { recursive: true })
})

const get = async (path: string, port = ports[0]): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}${path}`)).text()

describe('portico dev', () => {
  it('serves an address with TLS without it, and says so', async () => {
    expect(dev.output).toMatch(/left to the front: ssl_certificate, ssl_certificate_key \(TLS is not spoken/)
    await dev.waitFor(new RegExp(`serving http://127.0.0.1:${ports[1]}/`))
    expect(await get('/', ports[1])).toBe(folder)
  })

  it('runs all applications in the folder of the first, and says so', async () => {
    expect(dev.output).toContain(`app back runs in ${folder}: threads of one process have one current folder`)
    expect(await get('/back')).toBe(folder)
  })

  it('starts programs of another make', async () => {
    expect(await get('/other/x')).toBe('another: /other/x')
    await dev.waitFor(/app other: it listens/)
  })

  it('shows that one ended, until something changes', async () => {
    const response = await fetch(`http://127.0.0.1:${ports[0]}/gone`)
    expect([response.status, await response.text()]).toEqual([
      500,
      expect.stringMatching(/ended (before it listened|with code 3)/),
    ])
    expect(dev.output).toContain('app gone: no such database')
    writeFileSync(join(folder, 'gone.mjs'), FILES['other.mjs'] ?? '')
    await dev.waitFor(/app gone: it listens/)
    expect(await get('/gone')).toBe('another: /gone')
  })

  it('starts all processes of one anew that had lost one', async () => {
    const url = `http://127.0.0.1:${ports[0]}/pair`
    expect((await fetch(url)).status).toBe(500)
    writeFileSync(join(folder, 'second.mjs'), '')
    await dev.waitFor(/(app pair: it listens[^]*){3}/)
    expect([await get('/pair'), await get('/pair')]).toEqual(['another: /pair', 'another: /pair'])
    expect(dev.output).not.toContain('EADDRINUSE')
  })

  it('asks the peers of an upstream in turn', async () => {
    const answers = [await get('/both'), await get('/both'), await get('/both'), await get('/both')]
    expect(answers.toSorted()).toEqual(['one', 'one', 'two', 'two'])
  })

  it('has the types that nobody has put beside the conf', async () => {
    const { headers } = await fetch(`http://127.0.0.1:${ports[0]}/style.css`)
    expect(headers.get('content-type')).toMatch(/^text\/css/)
  })

  it.each([
    ['/late', 'out of chunks', 2],
    ['/later', 'out of pieces', 3],
  ])('shows what a generator throws in its first chunk: %s', async (path, message, line) => {
    const response = await fetch(`http://127.0.0.1:${ports[0]}${path}`, { headers: { Accept: 'text/html' } })
    const page = await response.text()
    expect([response.status, response.headers.get('content-type')]).toEqual([
      500,
      expect.stringMatching(/^text\/html/),
    ])
    expect(page).toContain(message)
    expect(page).toContain(`${folder}/site/app.ts:${line}`)
  })
})

/** What workers become: another user, with limits, a nice value, processors, a folder and an environment of their own. */
import { chmodSync, readFileSync, readlinkSync, renameSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { findUser } from '../../src/io/user-database.ts'
import { freePort } from '../support/free-port.ts'
import { PorticoServer, runPortico } from '../support/portico-server.ts'
import { sendRaw } from '../support/raw-client.ts'
import { until } from './fixtures/master-under-test.ts'

const running: PorticoServer[] = []

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
})

interface Site {
  readonly server: PorticoServer
  readonly port: number
  readonly get: (path: string) => Promise<string>
}

async function serve(main: string, locations = '', files: Record<string, string> = {}): Promise<Site> {
  const port = await freePort()
  const server = await PorticoServer.start({
    conf: `${main}
      error_log logs/error.log info;
      http {
        access_log logs/access.log;
        server { listen 127.0.0.1:${port}; root www; ${locations} }
      }`,
    files: { 'www/index.html': 'hello', 'logs/error.log': '', 'app.mjs': APP, ...files },
    mode: 0o755,
  })
  running.push(server)
  const get = async (path: string): Promise<string> =>
    (await sendRaw(port, `GET ${path} HTTP/1.0\r\n\r\n`)).text
  return { server, port, get }
}

const APP = `export function application(environ, startResponse) {
  startResponse('200 OK', [['Content-Type', 'text/plain']])
  return [Buffer.from(String(process.getuid()))]
}`

const WHO = `import { writeFileSync } from 'node:fs'
export function application(environ, startResponse) {
  writeFileSync(process.env.MADE, '')
  const [uid, gid, groups] = [process.getuid(), process.getgid(), process.getgroups()]
  startResponse('200 OK', [['Content-Type', 'application/json']])
  return [Buffer.from(JSON.stringify({ uid, gid, groups, umask: process.umask() }))]
}`

const SAYS_ENVIRONMENT = `const said = () => {
  const { PORTICO_TEST_KEPT, PORTICO_TEST_LEFT, PORTICO_TEST_MADE = null } = process.env
  return Buffer.from(JSON.stringify([PORTICO_TEST_KEPT, PORTICO_TEST_LEFT, PORTICO_TEST_MADE]))
}`

function workersOf(server: PorticoServer): number[] {
  const text = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'latin1').trim()
  return text.split(' ').map(Number)
}

function statusOf(pid: number, field: string): string {
  return new RegExp(`^${field}:\\s+(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? ''
}

describe.skipIf(process.getuid?.() !== 0)('user', () => {
  const nobody = findUser('nobody') ?? { uid: -1, gid: -1 }

  function asNobody(locations = '', main = ''): Promise<Site> {
    return serve(`user nobody nogroup; ${main}`, locations)
  }

  test('workers are nobody, with its groups alone; the master stays who it is', async () => {
    const { server, get } = await asNobody()
    const [worker = 0] = workersOf(server)
    expect(statusOf(worker, 'Uid')).toBe(Array(4).fill(nobody.uid).join('\t'))
    expect(statusOf(worker, 'Gid')).toBe(Array(4).fill(nobody.gid).join('\t'))
    expect(statusOf(worker, 'Groups').trim()).toBe(String(nobody.gid))
    expect(statusOf(server.pid ?? 0, 'Uid')).toBe('0\t0\t0\t0')
    expect(await get('/index.html')).toContain('hello')
    chmodSync(server.path('www/index.html'), 0o600)
    expect(await get('/index.html')).toContain('403')
  })

  test('its logs are opened before, and anew on USR1', async () => {
    const { server, get } = await asNobody()
    await get('/one')
    expect(server.read('logs/access.log')).toContain('/one')
    expect(statSync(server.path('logs/access.log')).uid).toBe(0)
    renameSync(server.path('logs/access.log'), server.path('logs/access.1'))
    server.signal('SIGUSR1')
    await until(
      async () => (await get('/two'), server.read('logs/access.log').includes('/two')),
      () => server.read('logs/error.log'),
    )
    expect(statSync(server.path('logs/access.log')).uid).toBe(nobody.uid)
    expect(server.read('logs/error.log')).not.toContain('[alert]')
  })

  test('large bodies are kept in a folder of its own', async () => {
    const { server, port } = await asNobody(
      'client_body_buffer_size 1k; location /p { proxy_pass http://127.0.0.1:1; }',
    )
    const answer = await sendRaw(
      port,
      `POST /p HTTP/1.0\r\nContent-Length: 50000\r\n\r\n${'x'.repeat(50_000)}`,
    )
    expect(answer.text).toMatch(/^HTTP\/1\.1 502 /)
    expect(statSync(server.path('run/client_body_temp')).uid).toBe(nobody.uid)
    expect(server.read('logs/error.log')).not.toMatch(/EACCES|\[crit\]/)
  })

  test('applications run as it, on sockets that it owns, through a reload', async () => {
    const { server, get } = await asNobody('location / { app_pass it; }', 'app it { entry app.mjs; }')
    expect(await get('/')).toMatch(new RegExp(`\\r\\n\\r\\n${nobody.uid}$`))
    server.signal('SIGHUP')
    await until(
      () => server.read('logs/error.log').split('worker front#0').length > 3,
      () => server.read('logs/error.log'),
    )
    expect(await get('/')).toMatch(new RegExp(`\\r\\n\\r\\n${nobody.uid}$`))
  })

  test('an application runs as a user of its own, with its umask; the front stays who it is', async () => {
    const { server, get } = await serve(
      'user root; app it { entry who.mjs; user nobody nogroup; umask 027; env MADE %PREFIX%/run/made; }',
      'location / { app_pass it; }',
      { 'who.mjs': WHO },
    )
    chmodSync(server.path('run'), 0o777)
    const own: unknown = JSON.parse((await get('/')).split('\r\n\r\n')[1] ?? '')
    expect(own).toEqual({ uid: nobody.uid, gid: nobody.gid, groups: [nobody.gid], umask: 0o027 })
    const { uid, gid, mode } = statSync(server.path('run/made'))
    expect([uid, gid, mode & 0o777]).toEqual([nobody.uid, nobody.gid, 0o640])
    expect(statSync(server.path('run/it.0.sock')).mode & 0o777).toBe(0o600)
    const users = workersOf(server).map((pid) => statusOf(pid, 'Uid').split('\t')[0])
    expect(users.sort()).toEqual(['0', String(nobody.uid)])
  })

  test.each([
    ['user nosuchuser;', 'getpwnam("nosuchuser") failed'],
    ['user nobody nosuchgroup;', 'getgrnam("nosuchgroup") failed'],
  ])('%s is refused', async (main, message) => {
    const run = await runPortico({ conf: `${main} events { }`, args: ['-t'] })
    expect(run.code).toBe(1)
    expect(run.output).toContain(`[emerg] ${message} in %PREFIX%/conf/portico.conf:1`)
  })
})

describe('limits', () => {
  test('open files, core size, processors, nice value, folder', async () => {
    const { server } = await serve(
      'worker_rlimit_nofile 200; worker_rlimit_core 1m; worker_cpu_affinity 1; worker_priority 3; working_directory www;',
    )
    const [worker = 0] = workersOf(server)
    const limits = readFileSync(`/proc/${worker}/limits`, 'latin1')
    expect(limits).toMatch(/^Max open files +200 +200 /m)
    expect(limits).toMatch(/^Max core file size +1048576 /m)
    expect(statusOf(worker, 'Cpus_allowed_list')).toBe('0')
    const stat = readFileSync(`/proc/${worker}/stat`, 'latin1')
    expect(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]).toBe('3')
    expect(readlinkSync(`/proc/${worker}/cwd`)).toBe(server.path('www'))
    const warning = '512 worker_connections exceed open file resource limit: 200'
    await until(
      () => server.read('logs/error.log').includes(warning),
      () => server.read('logs/error.log'),
    )
  })

  test('more connections than descriptors: the worker serves on and stays below its limit', async () => {
    const { server, port, get } = await serve('worker_rlimit_nofile 100;')
    const idle = Array.from({ length: 150 }, () => connect(port, '127.0.0.1').on('error', () => undefined))
    const log = (): string => server.read('logs/error.log')
    await until(() => log().includes('worker_connections are not enough'), log)
    for (const socket of idle) socket.destroy()
    await until(async () => (await get('/').catch(() => '')).includes('hello'), log)
    expect(server.read('logs/error.log')).not.toContain('EMFILE')
  })

  test('the environment has what env names and not the rest', async () => {
    process.env['PORTICO_TEST_KEPT'] = 'kept'
    process.env['PORTICO_TEST_LEFT'] = 'left'
    const { server } = await serve('env PORTICO_TEST_KEPT; env PORTICO_TEST_MADE=made;')
    const [worker = 0] = workersOf(server)
    const environment = readFileSync(`/proc/${worker}/environ`, 'latin1').split('\0')
    expect(environment).toContain('PORTICO_TEST_KEPT=kept')
    expect(environment).toContain('PORTICO_TEST_MADE=made')
    expect(environment.join('\n')).not.toContain('PORTICO_TEST_LEFT')
  })

  test('an application has the environment that the server was started with, and what its env says', async () => {
    process.env['PORTICO_TEST_KEPT'] = 'kept'
    process.env['PORTICO_TEST_LEFT'] = 'left'
    const { get } = await serve(
      `app it { entry env.mjs; env PORTICO_TEST_LEFT over; env PORTICO_TEST_KEPT; env PORTICO_TEST_MADE=; }
       app other { protocol http; env PORTICO_TEST_LEFT over; command ${process.execPath} %PREFIX%/server.mjs $app_path; }`,
      'location /entry { app_pass it; } location /command { app_pass other; }',
      {
        'env.mjs': `${SAYS_ENVIRONMENT}
          export function application(environ, startResponse) { startResponse('200 OK', []); return [said()] }`,
        'server.mjs': `import { createServer } from 'node:http'
          ${SAYS_ENVIRONMENT}
          createServer((request, response) => response.end(said())).listen(process.argv[2])`,
      },
    )
    for (const [path, made] of [
      ['/entry', ''],
      ['/command', null],
    ] as const) {
      const answer = await get(path)
      expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toEqual(['kept', 'over', made])
    }
  })
})

describe('what the main context refuses as nginx does', () => {
  test.each([
    ['worker_priority x;', '"worker_priority" directive invalid number'],
    ['worker_cpu_affinity 102;', 'invalid character "2" in "worker_cpu_affinity"'],
    ['worker_cpu_affinity auto 1 1;', 'invalid number of arguments in "worker_cpu_affinity" directive'],
    ['thread_pool a threads=0;', 'invalid number of threads in the thread pool "a"'],
    ['thread_pool a thread=1;', 'invalid parameter "thread=1"'],
    ['timer_resolution often;', '"timer_resolution" directive invalid value'],
    ['debug_points none;', 'invalid value "none"'],
    ['worker_rlimit_nofile many;', '"worker_rlimit_nofile" directive invalid number'],
  ])('%s', async (main, message) => {
    const run = await runPortico({ conf: `${main} events { }`, args: ['-t'] })
    expect(run.output).toContain(message)
    expect(run.code).toBe(1)
  })
})

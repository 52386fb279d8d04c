/** Where a running server logs to: names with variables, buffers, syslog, through reloads, rotations and its end. */
import { createSocket } from 'node:dgram'
import { mkdirSync, rmSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { PorticoServer, runPortico } from '../support/portico-server.ts'
import { sendRaw } from '../support/raw-client.ts'
import { until } from './fixtures/master-under-test.ts'

const running: PorticoServer[] = []

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
})

async function serve(locations: string, http = '') {
  const port = await freePort()
  const server = await PorticoServer.start({
    conf: `error_log logs/error.log info;
      http {
        log_format u '$uri';
        log_format j escape=json '$uri$arg_a';
        access_log off;
        ${http}
        server { listen 127.0.0.1:${port}; root www; ${locations} }
      }`,
    files: { 'www/index.html': 'hello', 'logs/error.log': '' },
  })
  running.push(server)
  const get = async (path: string): Promise<string> =>
    (await sendRaw(port, `GET ${path} HTTP/1.0\r\nHost: a\r\n\r\n`)).text
  return { server, get }
}

test('a name with variables makes a file for each value, beside a root that is there', async () => {
  const { server, get } = await serve(
    'location / { access_log logs/$arg_name.log u; } location /none { root /no/such; access_log logs/none.log u; access_log logs/x$uri u; }',
  )
  await get('/one?name=a')
  await get('/two?name=b')
  await get('/three?name=a')
  await get('/none/y')
  expect([server.read('logs/a.log'), server.read('logs/b.log')]).toEqual(['/one\n/three\n', '/two\n'])
  expect(server.read('logs/error.log')).toContain('testing "/no/such" existence failed')
  await get('/one?name=no/such/folder')
  expect(server.read('logs/error.log')).toMatch(
    /\[crit\] .*open\(\) ".*logs\/no\/such\/folder\.log" failed \(2: No such file or directory\)/,
  )
})

test('files that open_log_file_cache keeps are let go on USR1', async () => {
  const { server, get } = await serve('open_log_file_cache max=10; access_log logs/d/$arg_name u;')
  mkdirSync(server.path('logs/d'))
  await get('/1?name=a')
  server.move('logs/d', 'logs/e')
  mkdirSync(server.path('logs/d'))
  await get('/2?name=a')
  expect(server.read('logs/e/a')).toBe('/1\n/2\n')
  server.signal('SIGUSR1')
  await until(
    async () => (await get('/3?name=a'), server.read('logs/d/a') !== ''),
    () => server.read('logs/error.log'),
  )
})

test('buffered lines are on disk after the end, and after USR1', async () => {
  const { server, get } = await serve('access_log logs/buffered.log u buffer=4k flush=1m;')
  await get('/one')
  expect(server.read('logs/buffered.log')).toBe('')
  server.signal('SIGUSR1')
  await until(
    () => server.read('logs/buffered.log') === '/one\n',
    () => server.read('logs/error.log'),
  )
  await get('/two')
  server.signal('SIGQUIT')
  expect(await server.exited).toBe(0)
  expect(server.read('logs/buffered.log')).toBe('/one\n/two\n')
})

test('a log that was deleted costs nothing, and is made again on USR1', async () => {
  const { server, get } = await serve('access_log logs/a.log u;')
  rmSync(server.path('logs/a.log'))
  expect(await get('/')).toContain('hello')
  server.signal('SIGUSR1')
  await until(
    async () => (await get('/x'), server.read('logs/a.log').includes('/x')),
    () => server.read('logs/error.log'),
  )
})

test('escape=json writes codes as nginx does', async () => {
  const { server, get } = await serve('access_log logs/j.log j;')
  await get('/%1b?a=%22\\u001b')
  expect(server.read('logs/j.log')).toBe('/\\u001B%22\\\\u001b\n')
})

test('syslog gets access and error lines', async () => {
  const socket = createSocket('udp4')
  const got: string[] = []
  socket.on('message', (bytes) => got.push(bytes.toString()))
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const to = `syslog:server=127.0.0.1:${socket.address().port},nohostname`
  const { get } = await serve(`access_log ${to},tag=acc,severity=debug u; error_log ${to} error;`)
  await get('/missing')
  await until(
    () => got.length >= 2,
    () => got.join('\n'),
  )
  socket.close()
  expect(got.find((line) => line.includes('acc:'))).toMatch(/^<191>\w{3} [ \d]\d [\d:]{8} acc: \/missing$/)
  expect(got.find((line) => line.includes('nginx:'))).toMatch(
    /^<187>.{15} nginx: \S+ \S+ \[error\] .*missing/,
  )
})

describe('what is refused', () => {
  test.each([
    ['access_log logs/a flush=1s;', 'no buffer is defined for access_log "logs/a"'],
    ['access_log logs/a buffer=0;', 'invalid buffer size "0"'],
    ['access_log logs/a combined gzip=12;', 'invalid compression level "12"'],
    ['access_log logs/$host buffer=1k;', 'buffered logs cannot have variables in name'],
    [
      'access_log logs/a; access_log logs/a combined buffer=1k;',
      'already defined with conflicting parameters',
    ],
    ['access_log syslog:server=127.0.0.1 combined buffer=1k;', 'logs to syslog cannot be buffered'],
    ['access_log syslog:tag=a;', 'no syslog server specified'],
    ['error_log memory:x;', 'invalid buffer size "x"'],
    ['open_log_file_cache inactive=1s;', '"open_log_file_cache" must have "max" parameter'],
    ['open_log_file_cache max=2 min=1;', 'invalid "open_log_file_cache" parameter "min=1"'],
  ])('%s', async (line, message) => {
    const run = await runPortico({ conf: `http { ${line} }`, files: { 'logs/x': '' }, args: ['-t'] })
    expect(run.output).toContain(message)
    expect(run.code).toBe(1)
  })
})

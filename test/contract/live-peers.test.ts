/** Our client roles against real applications: what they understand is what we said. */
import { createHash } from 'node:crypto'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CgiResponseHeadDecoder } from '../../src/gateway/cgi-response.ts'
import { environFromParams } from '../../src/gateway/environ.ts'
import { LineErrorStream } from '../../src/gateway/error-stream.ts'
import { emptyInput } from '../../src/gateway/input-stream.ts'
import {
  encodeGetValues,
  encodeRequest,
  encodeStdin,
  encodeStdinEnd,
} from '../../src/protocol/fastcgi/request-encoder.ts'
import { FastcgiResponseDecoder } from '../../src/protocol/fastcgi/response-decoder.ts'
import { FCGI_RESPONDER } from '../../src/protocol/fastcgi/record.ts'
import { encodeRequest as encodeUwsgi } from '../../src/protocol/uwsgi/request-encoder.ts'
import { describeWithPeer } from '../support/peer.ts'

const TIMEOUT_MS = 20_000

/** Sends, and gives all that came until the peer closed, or the first of it. */
function exchange(path: string, bytes: Buffer, until: 'end' | 'data' = 'end'): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = []
    const socket = connect(path, () => socket.write(bytes))
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no answer')))
    socket.on('data', (data) => {
      received.push(data)
      if (until === 'data') socket.end()
    })
    socket.on('error', reject)
    socket.on('end', () => resolve(Buffer.concat(received)))
  })
}

async function untilListening(path: string, child: ChildProcess, output: () => string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) break
    const ready = await new Promise<boolean>((resolve) => {
      const socket = connect(path, () => resolve(true))
      socket.on('error', () => resolve(false))
      socket.on('connect', () => socket.destroy())
    })
    if (ready) return
    await sleep(50)
  }
  throw new Error(`the peer does not listen: ${output()}`)
}

class Peer {
  readonly folder = mkdtempSync(join(tmpdir(), 'portico-peer-'))
  #child: ChildProcess | undefined
  #output = ''

  path(name: string): string {
    return join(this.folder, name)
  }

  async start(program: string, args: readonly string[], socket: string): Promise<void> {
    const child = spawn(program, args, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    child.stdout.on('data', (data: Buffer) => (this.#output += data.toString()))
    child.stderr.on('data', (data: Buffer) => (this.#output += data.toString()))
    await untilListening(this.path(socket), child, () => this.#output)
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child?.exitCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill(signal)
      await Promise.race([gone, sleep(5000).then(() => child.kill('SIGKILL'))])
    }
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function fastcgiRequest(params: readonly string[], body: Buffer): Buffer {
  return Buffer.concat([
    encodeRequest(1, FCGI_RESPONDER, false, params),
    encodeStdin(1, body),
    encodeStdinEnd(1),
  ])
}

/** Stdout of the response to request 1. */
function stdoutOf(bytes: Buffer): Buffer {
  const decoder = new FastcgiResponseDecoder()
  decoder.open(1)
  decoder.receive(bytes)
  const parts: Buffer[] = []
  for (let event = decoder.next(); event !== undefined; event = decoder.next()) {
    if (event.type === 'stdout') parts.push(event.data)
    if (event.type === 'stderr') throw new Error(event.data.toString())
  }
  decoder.receiveEnd()
  return Buffer.concat(parts)
}

function bodyOf(answer: Buffer): { status: number; body: Buffer } {
  const decoder = new CgiResponseHeadDecoder()
  decoder.receive(answer)
  const head = decoder.next()
  if (head === undefined) throw new Error('no whole head')
  return { status: head.status, body: decoder.rest() }
}

const WSGI_ECHO = `
import json
def application(environ, start_response):
    variables = {k: v for k, v in environ.items() if isinstance(v, str)}
    body = environ['wsgi.input'].read().decode('latin-1')
    start_response('200 OK', [('Content-Type', 'application/json')])
    return [json.dumps([variables, body]).encode()]
`

describeWithPeer('uwsgi', 'real uWSGI', (uwsgi) => {
  const server = new Peer()

  beforeAll(async () => {
    writeFileSync(server.path('echo.py'), WSGI_ECHO)
    const sockets = ['--socket', server.path('uwsgi.sock'), '--fastcgi-socket', server.path('fastcgi.sock')]
    await server.start(
      uwsgi,
      ['--plugin', 'python3', '--need-app', '--buffer-size', '65535', ...sockets, '--wsgi-file', 'echo.py'],
      'fastcgi.sock',
    )
  })
  afterAll(() => server.stop('SIGINT'))

  const BASE = [
    'REQUEST_METHOD',
    'POST',
    'SERVER_NAME',
    'example.org',
    'SERVER_PORT',
    '80',
    'SERVER_PROTOCOL',
    'HTTP/1.1',
  ]

  /** What uWSGI makes of params that we make something else of, and why. */
  const CASES: [name: string, params: string[], ours: Record<string, string | undefined>][] = [
    [
      'uwsgi_params',
      ['QUERY_STRING', 'a=b', 'PATH_INFO', '/a b', 'REQUEST_URI', '/a%20b?a=b'],
      { SCRIPT_NAME: '' },
    ],
    ['a mount', ['QUERY_STRING', '', 'SCRIPT_NAME', '/shop', 'PATH_INFO', '/cart'], {}],
    ['8-bit octets', ['QUERY_STRING', '', 'PATH_INFO', '/\xc3\xa9', 'HTTP_X', '\xff'], { SCRIPT_NAME: '' }],
    ['HTTPS', ['QUERY_STRING', '', 'PATH_INFO', '/', 'HTTPS', 'on'], { SCRIPT_NAME: '' }],
    ['UWSGI_SCHEME', ['QUERY_STRING', '', 'PATH_INFO', '/', 'UWSGI_SCHEME', 'https'], { SCRIPT_NAME: '' }],
    [
      'the same variable twice',
      ['QUERY_STRING', '', 'PATH_INFO', '/', 'X', '1', 'X', '2'],
      { SCRIPT_NAME: '' },
    ],
    // A list, where uWSGI keeps the last one only (RFC 9110 section 5.3).
    [
      'the same header twice',
      ['QUERY_STRING', '', 'PATH_INFO', '/', 'HTTP_X', '1', 'HTTP_X', '2'],
      { SCRIPT_NAME: '', HTTP_X: '1, 2' },
    ],
    // uWSGI leaves the whole path in SCRIPT_NAME, with which no WSGI framework finds a page.
    [
      'fastcgi_params',
      ['QUERY_STRING', '', 'SCRIPT_NAME', '/a', 'DOCUMENT_URI', '/a'],
      { SCRIPT_NAME: '', PATH_INFO: '/a' },
    ],
    // Missing instead of empty, which PEP 3333 allows as well.
    [
      'no body',
      ['QUERY_STRING', '', 'PATH_INFO', '/', 'CONTENT_TYPE', ''],
      { SCRIPT_NAME: '', CONTENT_TYPE: undefined },
    ],
    // A client must not configure the application's own HTTP client.
    [
      'Proxy',
      ['QUERY_STRING', '', 'PATH_INFO', '/', 'HTTP_PROXY', 'x'],
      { SCRIPT_NAME: '', HTTP_PROXY: undefined },
    ],
  ]

  it.each(CASES)('makes the same environ of %s, but for what is said', async (_, extra, ours) => {
    const body = Buffer.from('hello \xff', 'latin1')
    const params = [...BASE, 'CONTENT_LENGTH', String(body.length), ...extra]
    const errors = new LineErrorStream(() => undefined)
    const environ = environFromParams(params, { input: emptyInput, errors, multiprocess: false })
    const own = Object.fromEntries(Object.entries(environ).filter(([, value]) => typeof value === 'string'))

    const overUwsgi = await exchange(server.path('uwsgi.sock'), Buffer.concat([encodeUwsgi(params), body]))
    const overFastcgi = stdoutOf(await exchange(server.path('fastcgi.sock'), fastcgiRequest(params, body)))
    for (const answer of [overUwsgi, overFastcgi]) {
      const { status, body: json } = bodyOf(answer)
      expect(status).toBe(200)
      const [theirs, echoed] = JSON.parse(json.toString()) as [Record<string, string>, string]
      expect(echoed).toBe('hello \xff')
      const expected: Record<string, string | undefined> = { ...theirs, ...ours }
      expect(own).toEqual(
        Object.fromEntries(Object.entries(expected).filter(([, value]) => value !== undefined)),
      )
    }
  })

  it('takes the largest block that we write', async () => {
    const base = [...BASE, 'PATH_INFO', '/', 'QUERY_STRING', '', 'CONTENT_LENGTH', '0']
    const value = 'x'.repeat(65535 - (encodeUwsgi(base).length - 4) - 5)
    const packet = encodeUwsgi([...base, 'X', value])
    expect(packet.readUInt16LE(1)).toBe(65535)
    const [theirs] = JSON.parse(
      bodyOf(await exchange(server.path('uwsgi.sock'), packet)).body.toString(),
    ) as [Record<string, string>]
    expect(theirs['X']).toBe(value)
  })
})

const PHP_ECHO = `<?php
header('Content-Type: text/plain');
echo md5($_SERVER['HTTP_A'] . $_SERVER['HTTP_B'] . $_SERVER['HTTP_C'] . $_SERVER['HTTP_D']), ' ', md5(file_get_contents('php://input'));
`

describeWithPeer('php-fpm', 'real PHP-FPM', (phpFpm) => {
  const server = new Peer()

  beforeAll(async () => {
    writeFileSync(server.path('echo.php'), PHP_ECHO)
    const pool = [
      'listen = php.sock',
      'pm = static',
      'pm.max_children = 1',
      ...(process.getuid?.() === 0 ? ['user = root', 'group = root'] : []),
    ]
    const conf = ['[global]', 'daemonize = no', 'error_log = log', '[www]', ...pool]
    writeFileSync(
      server.path('fpm.conf'),
      conf
        .join('\n')
        .replaceAll('php.sock', server.path('php.sock'))
        .replace('= log', `= ${server.path('log')}`),
    )
    await server.start(phpFpm, ['-n', '-R', '-y', server.path('fpm.conf')], 'php.sock')
  })
  afterAll(() => server.stop('SIGTERM'))

  it('puts params and a body together again that take several records', async () => {
    const md5 = (data: string | Buffer) => createHash('md5').update(data).digest('hex')
    const large = ['HTTP_A', 'HTTP_B', 'HTTP_C', 'HTTP_D'].flatMap((name, i) => [
      name,
      `${i}`.repeat(30_000 + i),
    ])
    const body = Buffer.alloc(200_000, '0123456789')
    const script = [
      'SCRIPT_FILENAME',
      server.path('echo.php'),
      'REQUEST_METHOD',
      'POST',
      'CONTENT_TYPE',
      'text/plain',
    ]
    const params = [...script, 'CONTENT_LENGTH', String(body.length), ...large]
    const answer = bodyOf(stdoutOf(await exchange(server.path('php.sock'), fastcgiRequest(params, body))))
    expect(answer.body.toString()).toBe(`${md5(large.filter((_, i) => i % 2 === 1).join(''))} ${md5(body)}`)
  })

  it('answers what it was asked for', async () => {
    const decoder = new FastcgiResponseDecoder()
    decoder.receive(await exchange(server.path('php.sock'), encodeGetValues(['FCGI_MPXS_CONNS']), 'data'))
    expect(decoder.next()).toEqual({ type: 'values', values: ['FCGI_MPXS_CONNS', '0'] })
  })
})

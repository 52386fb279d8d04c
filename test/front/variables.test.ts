/** The value of each variable for one request. */
import { realpathSync, symlinkSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { FrontHarness } from '../support/front-harness.ts'

const NAMES = [
  ...[
    'args',
    'query_string',
    'is_args',
    'arg_x',
    'arg_y',
    'arg_none',
    'uri',
    'document_uri',
    'request_uri',
    'request',
  ],
  ...[
    'request_method',
    'server_protocol',
    'scheme',
    'https',
    'host',
    'server_name',
    'server_port',
    'server_addr',
    'hostname',
  ],
  ...[
    'remote_addr',
    'remote_port',
    'remote_user',
    'http_x_own',
    'http_none',
    'http_cookie',
    'cookie_a',
    'cookie_b',
    'cookie_none',
  ],
  ...[
    'content_type',
    'content_length',
    'document_root',
    'request_filename',
    'connection',
    'connection_requests',
  ],
  ...['request_completion', 'body_bytes_sent', 'status', 'sent_http_x', 'upstream_addr'],
]

const CODED = 'a'.repeat(4000)

const harness = new FrontHarness(
  `
  log_format after "$status|$body_bytes_sent|$bytes_sent|$request_length|$sent_http_content_type|$sent_http_x_added|$request_completion|$sent_http_content_length";
  log_format trailed "$sent_trailer_x_after|$sent_trailer_none";
  log_format coded "$gzip_ratio";
  access_log logs/after.log after;
  server {
    server_name own.test;
    root html;
    location /all { add_header X-Added added; return 200 "${NAMES.map((name) => `${name}=$${name}\n`).join('')}"; }
    location /id { return 200 "$request_id $request_id"; }
    location /time { return 200 "$msec|$time_iso8601|$time_local|$request_time|$pid"; }
    location /alias/ { alias other/; return 200 "$document_root|$request_filename"; }
    location /port { return 200 "$host$is_request_port$request_port"; }
    location /ms { return 200 "$time_iso8601_ms"; }
    location /trailed { add_trailer X-After "$uri"; add_trailer x-after 2; access_log logs/trailed.log trailed; }
    location /coded { gzip on; gzip_http_version 1.0; default_type text/html; access_log logs/coded.log coded; }
    location /real { root link; return 200 "$realpath_root"; }
    location /unreal { root nowhere; return 200 "[$realpath_root]"; }
    location /set { set $a 1; set $b "$a$a"; set $A 3; return 200 "$a,$b"; }
    location ~ ^/re/(\\w)(\\w)? { return 200 "$1,$2,$3"; }
    location /nested { return 200 "\${host}x"; }
    location / { return 200 "rest"; }
  }`,
  { 'html/trailed': 'x', 'html/coded': CODED, 'real/here': '' },
)

afterAll(() => harness.close())

async function values(request: string): Promise<Record<string, string>> {
  const answer = await harness.ask(request)
  const lines = answer
    .slice(answer.indexOf('\r\n\r\n') + 4)
    .trimEnd()
    .split('\n')
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)) as [string, string][])
}

describe('a request', () => {
  const credentials = Buffer.from('me:secret').toString('base64')
  const request =
    'POST /all/%41%20b?x=1%202&Y=2&x=3 HTTP/1.1\r\nHost: OWN.test:99\r\nX-Own: a\r\nX-Own: b\r\n' +
    `Cookie: a=1; b=2\r\nCookie: a=3\r\nAuthorization: Basic ${credentials}\r\nContent-Type: text/x\r\nContent-Length: 4\r\n\r\nbody`

  it('gives every variable its value', async () => {
    expect(await values(request)).toEqual({
      args: 'x=1%202&Y=2&x=3',
      query_string: 'x=1%202&Y=2&x=3',
      is_args: '?',
      arg_x: '1%202',
      arg_y: '2',
      arg_none: '',
      uri: '/all/A b',
      document_uri: '/all/A b',
      request_uri: '/all/%41%20b?x=1%202&Y=2&x=3',
      request: 'POST /all/%41%20b?x=1%202&Y=2&x=3 HTTP/1.1',
      request_method: 'POST',
      server_protocol: 'HTTP/1.1',
      scheme: 'http',
      https: '',
      host: 'own.test',
      server_name: 'own.test',
      server_port: '8080',
      server_addr: '192.0.2.1',
      hostname: 'host.test',
      remote_addr: '192.0.2.7',
      remote_port: '4321',
      remote_user: 'me',
      http_x_own: 'a, b',
      http_none: '',
      http_cookie: 'a=1; b=2; a=3',
      cookie_a: '1',
      cookie_b: '2',
      cookie_none: '',
      content_type: 'text/x',
      content_length: '4',
      document_root: `${harness.folder}/html`,
      request_filename: `${harness.folder}/html/all/A b`,
      connection: expect.stringMatching(/^\d+$/) as string,
      connection_requests: '1',
      request_completion: '',
      body_bytes_sent: '0',
      status: '200',
      sent_http_x: '',
      upstream_addr: '',
    })
  })

  it('without Host and query leaves theirs empty', async () => {
    expect(await values('GET /all HTTP/1.0\r\n\r\n')).toMatchObject({
      host: 'own.test',
      args: '',
      is_args: '',
      request_uri: '/all',
      server_protocol: 'HTTP/1.0',
      remote_user: '',
    })
  })

  it.each([
    ['no Basic', 'Bearer abc'],
    ['no colon', `Basic ${Buffer.from('me').toString('base64')}`],
    ['no name', `Basic ${Buffer.from(':x').toString('base64')}`],
    ['no base64', 'Basic \x7f'.replace('\x7f', '!!')],
  ])('with credentials that have %s has no user', async (_name, value) => {
    const found = await values(`GET /all HTTP/1.1\r\nHost: a\r\nAuthorization: ${value}\r\n\r\n`)
    expect(found['remote_user']).toBe('')
  })
})

describe('a variable', () => {
  it('of an id is one for the request, and another for the next', async () => {
    const [first, second] = [(await harness.get('/id')).body, (await harness.get('/id')).body]
    expect(first).toMatch(/^([0-9a-f]{32}) \1$/)
    expect(second).not.toBe(first)
  })

  it('of the time has its form', async () => {
    expect((await harness.get('/time')).body).toMatch(
      /^\d{10}\.\d{3}\|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d\|\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [-+]\d{4}\|0\.\d{3}\|\d+$/,
    )
  })

  it('of a file follows the alias', async () => {
    const folder = `${harness.folder}/other/`
    expect((await harness.get('/alias/x')).body).toBe(`${folder}|${folder}x`)
  })

  it('that is set has the value of the last set, whatever its case', async () => {
    expect((await harness.get('/set')).body).toBe('3,11')
  })

  it('of a group that took no part is empty', async () => {
    expect((await harness.get('/re/ab')).body).toBe('a,b,')
    expect((await harness.get('/re/a')).body).toBe('a,,')
  })

  it.each([
    ['of the Host field', 'GET /port HTTP/1.1\r\nHost: own.test:81\r\n\r\n', 'own.test:81'],
    ['of no Host field', 'GET /port HTTP/1.0\r\n\r\n', 'own.test'],
    ['of a Host field without', 'GET /port HTTP/1.1\r\nHost: own.test\r\n\r\n', 'own.test'],
    [
      'of an absolute target',
      'GET http://own.test:82/port HTTP/1.1\r\nHost: own.test:81\r\n\r\n',
      'own.test:82',
    ],
    [
      'of an absolute target without',
      'GET http://own.test/port HTTP/1.1\r\nHost: own.test:81\r\n\r\n',
      'own.test',
    ],
  ])('is the port %s', async (_name, request, expected) => {
    expect((await harness.ask(request)).split('\r\n\r\n')[1]).toBe(expected)
  })

  it('of the root follows symbolic links', async () => {
    symlinkSync('real', `${harness.folder}/link`)
    expect((await harness.get('/real')).body).toBe(`${realpathSync(harness.folder)}/real`)
  })

  it('of a root that is not there is empty, and the log says so', async () => {
    expect((await harness.get('/unreal')).body).toBe('[]')
    expect(harness.read('logs/error.log')).toMatch(
      /\[crit\] .*realpath\(\) "[^"]*\/nowhere" failed \(2: No such file or directory\)/,
    )
  })

  it('of the time has milliseconds', async () => {
    expect((await harness.get('/ms')).body).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[-+]\d\d:\d\d$/)
  })

  it('of a trailer has what add_trailer sent', async () => {
    await harness.ask('GET /trailed HTTP/1.1\r\nHost: own.test\r\n\r\n')
    expect(harness.read('logs/trailed.log')).toBe('/trailed, 2|-\n')
  })

  it('of the coding is the ratio, and nothing without a coding', async () => {
    const coded = await harness.ask('GET /coded HTTP/1.1\r\nHost: own.test\r\nAccept-Encoding: gzip\r\n\r\n')
    await harness.ask('GET /coded HTTP/1.1\r\nHost: own.test\r\n\r\n')
    expect(coded).toContain('Content-Encoding: gzip')
    const ratio = (CODED.length / gzipSync(CODED, { level: 1 }).length).toFixed(2)
    expect(harness.read('logs/coded.log')).toBe(`${ratio}\n-\n`)
  })

  it('in braces ends with them', async () => {
    expect((await harness.get('/nested')).body).toBe('own.testx')
  })

  it('in a value of the client is text', async () => {
    const found = await values('GET /all?x=$host HTTP/1.1\r\nHost: a\r\nX-Own: ${uri}\r\n\r\n')
    expect(found).toMatchObject({ arg_x: '$host', http_x_own: '${uri}' })
  })

  it('of the answer is known to the log', async () => {
    const request = 'GET /all HTTP/1.1\r\nHost: own.test\r\n\r\n'
    const answer = await harness.ask(request)
    const bodyLength = answer.length - answer.indexOf('\r\n\r\n') - 4
    const last = harness.read('logs/after.log').trimEnd().split('\n').at(-1)
    expect(last).toBe(
      `200|${bodyLength}|${answer.length}|${request.length}|text/plain|added|OK|${bodyLength}`,
    )
  })
})

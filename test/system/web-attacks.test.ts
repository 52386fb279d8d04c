/**
 * Attacks on a site of the framework through both tiers, where what the one makes of a request could be something else
 * to the other. Those that one tier alone has to stop are in test/web/attacks.test.ts and front-faults.
 */
import { gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readAnswers, type HttpAnswer } from '../support/http-answers.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { sendRaw } from '../support/raw-client.ts'

const ENTRY = fileURLToPath(new URL('fixtures/attacked.ts', import.meta.url))
const FORM = 'Content-Type: application/x-www-form-urlencoded'

let server: PorticoServer

beforeAll(async () => {
  server = await PorticoServer.start({
    conf: `
      error_log stderr info;
      app site { entry ${ENTRY}; workers 1; }
      http {
        server {
          listen 127.0.0.1:%PORT%;
          client_max_body_size 20m;
          location / { app_pass site; }
        }
      }`,
    files: { 'logs/.keep': '' },
  })
}, 60_000)
afterAll(async () => {
  await server.stop()
})

/** One request as written, on a connection of its own; its answer, which has to be whole and the only one. */
async function send(
  line: string,
  headers: readonly string[] = ['Host: testserver'],
  body: string | Buffer = '',
): Promise<HttpAnswer> {
  const bytes = Buffer.from(body)
  const length = bytes.length > 0 ? [`Content-Length: ${bytes.length}`] : []
  const head = [`${line} HTTP/1.1`, ...headers, ...length, 'Connection: close', '', ''].join('\r\n')
  const { text } = await sendRaw(server.port, [head, bytes.toString('latin1')], { timeoutMs: 30_000 })
  const answers = readAnswers(text)
  expect(answers).toHaveLength(1)
  const [answer] = answers
  if (answer === undefined) throw new Error('no answer')
  return answer
}

/** A visit: the CSRF cookie and a token for it. */
async function visit(): Promise<{ cookie: string; token: string }> {
  const answer = await send('GET /token/')
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  return { cookie: `Cookie: ${cookie}`, token: answer.body }
}

async function post(path: string, body: string | Buffer, ...headers: readonly string[]): Promise<HttpAnswer> {
  const { cookie, token } = await visit()
  return send(`POST ${path}`, ['Host: testserver', cookie, `X-CSRFToken: ${token}`, ...headers], body)
}

describe('who the site is', () => {
  const where = async (line: string, ...headers: string[]) => {
    const { status, body } = await send(line, headers)
    return status === 200 ? body : status
  }

  it.each([
    [['Host: testserver'], 'http://testserver/x'],
    [['Host: TestServer:8080'], 'http://TestServer:8080/x'],
    [['Host: testserver', 'X-Forwarded-Host: evil.example'], 'http://testserver/x'],
    [
      ['Host: testserver', 'X_Forwarded_Host: evil.example', 'X-Forwarded_Host: evil.example'],
      'http://testserver/x',
    ],
    [['Host: testserver', 'X-Forwarded-Proto: https', 'X-Forwarded-Port: 443'], 'http://testserver/x'],
    [
      ['Host: testserver', 'Forwarded: host=evil.example;proto=https', 'X-Host: evil.example'],
      'http://testserver/x',
    ],
    [['Host: testserver', 'X-Original-URL: /token/', 'X-Rewrite-URL: /token/'], 'http://testserver/x'],
    [
      [
        'Host: testserver',
        'HTTP-HOST: evil.example',
        'Server-Name: evil.example',
        'Proxy: http://evil.example',
      ],
      'http://testserver/x',
    ],
    [['Host: evil.example'], 400],
    [['Host: testserver', 'Host: evil.example'], 400],
    [['Host: testserver, evil.example'], 400],
    [['Host: testserver@evil.example'], 400],
    [['Host: evil.example', 'X-Forwarded-Host: testserver'], 400],
  ])('by %j is %j', async (headers, answer) => {
    expect(await where('GET /absolute/', ...headers)).toBe(answer)
  })

  it('is nobody else by the target of the request', async () => {
    expect(await where('GET http://testserver/absolute/', 'Host: testserver')).toBe('http://testserver/x')
    expect(await where('GET http://evil.example/absolute/', 'Host: evil.example')).toBe(400)
    // As nginx: the target chooses the server, the Host field is passed on, and is what the site judges.
    expect(await where('GET http://evil.example/absolute/', 'Host: testserver')).toBe('http://testserver/x')
    expect(await where('GET http://testserver/absolute/', 'Host: evil.example')).toBe(400)
  })

  it('is not told by an answer to another host, which has its security headers all the same', async () => {
    const { headers, body } = await send('GET /absolute/', ['Host: evil.example'])
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(body).not.toContain('evil.example')
  })
})

describe('a form', () => {
  const note = (title: string) => `title=${title}`

  it('is taken with its cookie and token, and refused without either', async () => {
    const { cookie, token } = await visit()
    const own = ['Host: testserver', FORM]
    expect(
      (await send('POST /notes/add/', [...own, cookie, `X-CSRFToken: ${token}`], note('a'))).status,
    ).toBe(302)
    expect((await send('POST /notes/add/', [...own, cookie], note('b'))).status).toBe(403)
    expect((await send('POST /notes/add/', [...own, `X-CSRFToken: ${token}`], note('c'))).status).toBe(403)
    expect(
      (await send('POST /notes/add/', [...own, cookie, `X_CSRFTOKEN: ${token}`], note('d'))).status,
    ).toBe(403)
    const page = (await send('GET /notes/')).body
    expect(page).toContain('<li title="a">')
    expect(page).not.toMatch(/title="[bcd]"/)
  })

  it.each([
    ['Origin: http://evil.example', 403],
    ['Origin: null', 403],
    ['Origin: http://testserver', 302],
    ['Origin: https://testserver', 403],
    ['Origin: http://testserver:8080', 403],
  ])('from %s: %i', async (origin, status) => {
    expect((await post('/notes/add/', note('x'), FORM, origin)).status).toBe(status)
  })

  it('with two lines of cookies has one of each name: the last', async () => {
    const { cookie, token } = await visit()
    const planted = `Cookie: csrftoken=${'A'.repeat(32)}`
    const rest = ['Host: testserver', FORM, `X-CSRFToken: ${token}`]
    expect((await send('POST /notes/add/', [...rest, cookie, planted], note('x'))).status).toBe(403)
    expect((await send('POST /notes/add/', [...rest, planted, cookie], note('x'))).status).toBe(302)
  })

  it('is counted by what came, in chunks as in one piece', async () => {
    const { cookie, token } = await visit()
    const many = 'a=1&'.repeat(1001)
    expect((await post('/form/', many, FORM)).status).toBe(400)
    const chunked = [`POST /form/ HTTP/1.1`, 'Host: testserver', FORM, cookie, `X-CSRFToken: ${token}`, 'Transfer-Encoding: chunked', 'Connection: close', '', ''] // prettier-ignore
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
    const large = chunk('a'.repeat(60_000)).repeat(50)
    const { text } = await sendRaw(server.port, [chunked.join('\r\n'), large, '0\r\n\r\n'], {
      timeoutMs: 30_000,
    })
    expect(readAnswers(text).map(({ status }) => status)).toEqual([400])
    const small = await sendRaw(server.port, [chunked.join('\r\n'), chunk('a=1&b='), chunk('2'), '0\r\n\r\n'])
    expect(readAnswers(small.text).map(({ body }) => body)).toEqual(['2 fields, 0 files'])
  })

  it.each([
    ['parts that say nothing', '--X\r\n\r\n\r\n'.repeat(100_000)],
    ['names', '--X\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'.repeat(1001)],
    ['files', '--X\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n\r\n'.repeat(101)],
  ])('of too many %s is refused', async (_what, body) => {
    expect(
      (await post('/form/', `${body}--X--\r\n`, 'Content-Type: multipart/form-data; boundary=X')).status,
    ).toBe(400)
  })

  it('packed by gzip is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000))
    const answer = await post('/json/', bomb, 'Content-Type: application/json', 'Content-Encoding: gzip')
    expect(answer.status).toBe(400)
  })
})

describe('an answer', () => {
  it.each([
    '%0d%0aSet-Cookie:%20stolen=1',
    '%0aX-Injected:%20y',
    '%00',
    '%0d%0a%0d%0a%3Cscript%3E',
    '%c3%a5%0d',
  ])('has no line that %s begins', async (value) => {
    for (const path of ['/goto/', '/remember/', `/${value}/slash?`, `/at/${value}?`]) {
      const { headers } = await send(`GET ${path}${path.endsWith('?') ? '' : '?v='}${value}`)
      const own = path === '/remember/'
      expect(headers.has('set-cookie')).toBe(own)
      if (own) expect(headers.get('set-cookie')).toMatch(/^seen=[^\n]*; Path=\/$/)
      expect(headers.has('x-injected')).toBe(false)
    }
  })

  it.each([
    '//evil.example/slash',
    '/%2fevil.example/slash',
    '/%5cevil.example/slash',
    '///evil.example/slash',
    '/old//evil.example',
    '/old/%2fevil.example',
    '/old/%5cevil.example',
  ])('to GET %s leads to no other host', async (target) => {
    const { status, headers } = await send(`GET ${target}`)
    expect([301, 302]).toContain(status)
    expect(new URL(headers.get('location') ?? '', 'http://testserver/').origin).toBe('http://testserver')
  })

  it.each([
    '/page/../../../../etc/passwd',
    '/page/..%2f..%2f..%2fetc/passwd',
    '/page/%2e%2e/%2e%2e/etc/passwd',
    '/page//etc/passwd',
    '/page/..%5c..%5cetc/passwd',
    '/page/%00form.html',
  ])('to GET %s has no file of the system', async (target) => {
    const { status, body } = await send(`GET ${target}`)
    expect([400, 404, 500]).toContain(status)
    expect(body).not.toContain('root:')
  })
})

describe('a password', () => {
  const signIn = async (password: string, ...headers: string[]) =>
    post('/accounts/login/', `username=ada&password=${password}`, FORM, ...headers)

  it('brings a session with a new key and its flags, whatever key was sent', async () => {
    const planted = `Cookie: sessionid=${'a'.repeat(32)}`
    const cart = await send('GET /cart/?put=apples', ['Host: testserver', planted])
    const signedIn = await signIn('engine-1842', planted)
    expect([cart.status, signedIn.status]).toEqual([200, 302])
    for (const { headers } of [cart, signedIn]) {
      const lines = (headers.get('set-cookie') ?? '').split('\n')
      const session = lines.find((line) => line.startsWith('sessionid=')) ?? ''
      expect(session).not.toContain('aaaaaaaa')
      expect(session).toMatch(
        /^sessionid=[a-z0-9]{32}; expires=[^;]+; HttpOnly; Max-Age=1209600; Path=\/; SameSite=Lax$/,
      )
    }
  })

  it('is not guessed at from more addresses than there are', async () => {
    const statuses: number[] = []
    for (let guess = 0; guess < 7; guess += 1) {
      const address = `192.0.2.${guess}`
      const claims = ['X-Forwarded-For: ', 'X-Real-IP: ', 'Remote-Addr: ', 'Forwarded: for=']
      const { status } = await signIn(`guess-${guess}`, ...claims.map((claim) => claim + address))
      statuses.push(status)
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429])
  })
})

/** 103 and trailers of applications: as far as HTTP/1.1 reaches, and no further. */
import { execFile } from 'node:child_process'
import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { PorticoServer } from '../support/portico-server.ts'

const run = promisify(execFile)
const ENTRY = fileURLToPath(new URL('fixtures/sections.mjs', import.meta.url))
const LISTENER = fileURLToPath(new URL('fixtures/sections-listener.mjs', import.meta.url))

interface Answer {
  readonly hints: unknown[]
  readonly body: string
  readonly trailers: NodeJS.Dict<string>
}

function ask(port: number, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const hints: unknown[] = []
    const asked = request({ port, path, agent: false }, (response) => {
      let body = ''
      response.on('data', (bytes: Buffer) => (body += bytes.toString()))
      response.on('end', () => resolve({ hints, body, trailers: response.trailers }))
      response.on('error', reject)
    })
    asked.on('information', ({ statusCode, headers }) => hints.push([statusCode, headers['link']]))
    asked.on('error', reject)
    asked.end()
  })
}

const FIRST = '</a.css>; rel=preload'
const SECOND = '</b.css>; rel=preload'
const HINTS = [
  [103, FIRST],
  [103, SECOND],
]
const TRAILERS = { 'x-sum': '42', 'x-more': 'a' }

describe('fields of applications beside the head', () => {
  let server: PorticoServer
  let port: number

  beforeAll(async () => {
    port = await freePort()
    const apps = ['http', 'fastcgi', 'uwsgi', 'scgi']
      .map(
        (protocol) => `app ${protocol} { entry ${ENTRY}; protocol ${protocol}; }
        app ${protocol}-listener { entry ${LISTENER}; protocol ${protocol}; }`,
      )
      .join('\n')
    const locations = ['http', 'fastcgi', 'uwsgi', 'scgi'].flatMap((protocol) =>
      [protocol, `${protocol}-listener`].map(
        (name) => `
        location /${name}/ { app_pass ${name}; early_hints 1; }
        location /quiet/${name}/ { app_pass ${name}; app_pass_trailers off; }`,
      ),
    )
    server = await PorticoServer.start({
      conf: `error_log stderr info; ${apps} http { access_log off; server { listen 127.0.0.1:${port}; ${locations.join('')} } }`,
      startTimeoutMs: 120_000,
    })
  }, 130_000)

  afterAll(() => server.stop())

  it.each(['http', 'http-listener'])('%s: both reach a client of HTTP/1.1', async (name) => {
    const expected = { hints: HINTS, body: 'one two', trailers: TRAILERS }
    expect(await ask(port, `/${name}/`)).toEqual(expected)
    expect(await ask(port, `/${name}/`)).toEqual(expected)
  })

  it.each(['http', 'http-listener'])('%s: neither where the conf says so', async (name) => {
    expect(await ask(port, `/quiet/${name}/`)).toEqual({ hints: [], body: 'one two', trailers: {} })
  })

  it.each(['fastcgi', 'uwsgi', 'scgi'])('%s has a word for neither', async (protocol) => {
    const expected = { hints: [], body: 'one two', trailers: {} }
    expect(await ask(port, `/${protocol}/`)).toEqual(expected)
    expect(await ask(port, `/${protocol}-listener/`)).toEqual(expected)
  })

  it('curl sees them, and nothing of them in HTTP/1.0', async () => {
    const curl = async (...options: string[]): Promise<string> => {
      const { stdout } = await run('curl', [
        '-sS',
        '-i',
        '--raw',
        ...options,
        `http://127.0.0.1:${port}/http/`,
      ])
      return stdout.replace(/(Server|Date): .*\r\n/g, '')
    }
    expect(await curl()).toBe(
      `HTTP/1.1 103 Early Hints\r\nLink: ${FIRST}\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: ${SECOND}\r\n\r\n` +
        'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n' +
        '4\r\none \r\n3\r\ntwo\r\n0\r\nX-Sum: 42\r\nX-More: a\r\n\r\n',
    )
    expect(await curl('--http1.0')).toBe(
      'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\none two',
    )
  })
})

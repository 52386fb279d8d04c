/** Bodies of requests in files, and bodies that come too slowly. */
import { existsSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { sendRaw } from '../support/raw-client.ts'

let server: PorticoServer
let port: number

beforeAll(async () => {
  port = await freePort()
  const toItself = `proxy_pass http://127.0.0.1:${port}/up; add_header X-File $request_body_file;`
  server = await PorticoServer.start({
    conf: `
      worker_processes 1;
      error_log logs/error.log info;
      http {
        access_log off;
        client_body_temp_path bodies 1 2;
        server {
          listen 127.0.0.1:${port};
          location = /up { return 200; }
          location = /keep { client_body_in_file_only on; ${toItself} }
          location = /clean { client_body_in_file_only clean; ${toItself} }
          location = /memory { ${toItself} }
          location = /slow { client_body_min_rate 1k after=500ms; ${toItself} }
        }
      }`,
    files: { 'logs/.keep': '' },
  })
})

afterAll(async () => {
  expect(server.read('logs/error.log')).not.toMatch(/\[(alert|crit|emerg)\]/)
  await server.stop()
})

const post = (target: string, body: string): string =>
  `POST ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`

async function fileOf(target: string): Promise<string | undefined> {
  const { text } = await sendRaw(port, post(target, 'a small body'))
  expect(text).toMatch(/^HTTP\/1\.1 200 /)
  return /X-File: (.*)\r/.exec(text)?.[1]
}

describe('client_body_in_file_only', () => {
  it('on leaves the body in a file, in the folders that client_body_temp_path names', async () => {
    const path = (await fileOf('/keep')) ?? ''
    const [, first, second, number = ''] =
      /\/bodies\/([0-9])\/([0-9]{2})\/[0-9]+\.([0-9]{10})$/.exec(path) ?? []
    expect([first, second]).toEqual([number.slice(-1), number.slice(-3, -1)])
    expect(server.read(path.slice(path.indexOf('bodies/')))).toBe('a small body')
  })

  it('clean removes it after the request', async () => {
    const path = (await fileOf('/clean')) ?? ''
    expect(path).toContain('/bodies/')
    await server.waitFor(() => !existsSync(path), 'the end of the file')
  })

  it('off keeps small ones in memory', async () => {
    const before = readdirSync(server.path('bodies')).length
    expect(await fileOf('/memory')).toBeUndefined()
    expect(readdirSync(server.path('bodies'))).toHaveLength(before)
  })
})

describe('client_body_min_rate', () => {
  it('ends a request whose body trickles, though each byte comes in time', async () => {
    const connection = await RawConnection.open(port)
    connection.send('POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n')
    const started = performance.now()
    const trickle = setInterval(() => connection.send('x'), 50)
    await connection.whole(5_000).finally(() => clearInterval(trickle))
    expect(performance.now() - started).toBeLessThan(3_000)
    expect(connection.text).toBe('')
    expect(server.read('logs/error.log')).toContain('client timed out')
    connection.close()
  })

  it('lets a body be that is fast enough', async () => {
    const connection = await RawConnection.open(port)
    connection.send('POST /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 8000\r\n\r\n')
    for (let sent = 0; sent < 8000; sent += 1000) {
      connection.send('x'.repeat(1000))
      await new Promise((resolve) => setTimeout(resolve, 120))
    }
    expect(await connection.whole(5_000)).toMatch(/^HTTP\/1\.1 200 /)
    connection.close()
  })
})

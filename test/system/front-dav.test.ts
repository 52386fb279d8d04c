/** What is on disk after requests that change files. */
import { readdirSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PorticoServer } from '../support/portico-server.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { sendRaw } from '../support/raw-client.ts'

let server: PorticoServer

beforeAll(async () => {
  server = await PorticoServer.start({
    conf: `
      worker_processes 1;
      error_log logs/error.log info;
      http {
        access_log off;
        client_body_temp_path bodies 1;
        client_max_body_size 10m;
        server {
          listen 127.0.0.1:%PORT%;
          location / {
            root files;
            dav_methods PUT MKCOL COPY MOVE;
            create_full_put_path on;
            dav_access group:r all:r;
            location /shared/ { dav_access user:r group:rw; }
            location /twice/ { mirror /nowhere; }
            location /nowhere { return 204; }
          }
          location /alias/ { alias files/aliased/; dav_methods PUT COPY; }
        }
      }`,
    files: { 'logs/.keep': '', 'files/aliased/.keep': '' },
  })
})

afterAll(async () => {
  await server.stop()
})

const statusOf = async (head: string, body = ''): Promise<number> => {
  const fields = `Host: a\r\nConnection: close\r\n${body === '' ? '' : `Content-Length: ${body.length}\r\n`}`
  const [line = '', ...rest] = head.split('\n')
  const { text } = await sendRaw(
    server.port,
    `${line} HTTP/1.1\r\n${rest.map((one) => `${one}\r\n`).join('')}${fields}\r\n${body}`,
  )
  return Number(text.slice(9, 12))
}

const modeOf = (name: string): number => statSync(server.path(name)).mode & 0o777
const temporaries = (): string[] =>
  readdirSync(server.path('bodies'), { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [entry.name] : [],
  )

describe('PUT', () => {
  it('gives file and folders the permissions of dav_access', async () => {
    expect(await statusOf('PUT /modes/in/a.txt', 'x')).toBe(201)
    expect(modeOf('files/modes/in/a.txt')).toBe(0o644)
    expect(modeOf('files/modes/in') & ~0o022).toBe(0o755 & ~0o022)
    expect(await statusOf('PUT /shared/a.txt', 'x')).toBe(201)
    expect(modeOf('files/shared/a.txt')).toBe(0o460)
  })

  it('takes the time of the Date field', async () => {
    expect(await statusOf('PUT /time.txt\nDate: Tue, 14 Nov 2023 22:13:20 GMT', 'x')).toBe(201)
    expect(statSync(server.path('files/time.txt')).mtimeMs).toBe(1_700_000_000_000)
  })

  it('stores what is larger than memory, and leaves no temporary file', async () => {
    const body = '0123456789abcdef'.repeat(300_000)
    expect(await statusOf('PUT /large.bin', body)).toBe(201)
    expect(server.read('files/large.bin') === body).toBe(true)
    expect(await statusOf('PUT /large.bin', 'short')).toBe(204)
    expect(server.read('files/large.bin')).toBe('short')
    expect(temporaries()).toEqual([])
  })

  it('leaves what was there when the upload breaks off', async () => {
    expect(await statusOf('PUT /broken.txt', 'whole')).toBe(201)
    const connection = await RawConnection.open(server.port)
    connection.send(
      `PUT /broken.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(50_000)}`,
    )
    await server.waitFor(() => temporaries().length === 1, 'its temporary file')
    connection.close()
    await server.waitFor(() => temporaries().length === 0, 'the temporary file to go')
    expect(server.read('files/broken.txt')).toBe('whole')
  })

  it('takes a body that another module has read', async () => {
    expect(await statusOf('PUT /twice/a.txt', 'a body in memory')).toBe(201)
    expect(server.read('files/twice/a.txt')).toBe('a body in memory')
    expect(temporaries()).toEqual([])
  })
})

describe('where nginx loses files', () => {
  it('a folder is not copied or moved into itself, nor over what it is in', async () => {
    expect(await statusOf('PUT /self/in/a.txt', 'x')).toBe(201)
    for (const method of ['COPY', 'MOVE']) {
      expect(await statusOf(`${method} /self/\nDestination: /self/in/deeper/`)).toBe(403)
      expect(await statusOf(`${method} /self/in/\nDestination: /self/`)).toBe(403)
      expect(await statusOf(`${method} /self/\nDestination: /self/`)).toBe(403)
    }
    expect(await statusOf('COPY /self/in/a.txt\nDestination: /self/in/a.txt')).toBe(204)
    expect(server.read('files/self/in/a.txt')).toBe('x')
  })

  it('a destination outside of the aliased location is refused', async () => {
    expect(await statusOf('PUT /alias/a.txt', 'x')).toBe(201)
    expect(await statusOf('COPY /alias/a.txt\nDestination: /b')).toBe(400)
    expect(readdirSync(server.path('files/aliased')).sort()).toEqual(['.keep', 'a.txt'])
  })
})

it('says in the log why', async () => {
  expect(await statusOf('PUT /none/', 'x')).toBe(409)
  expect(await statusOf('MKCOL /no/such/folder/')).toBe(409)
  await server.waitFor(() => server.read('logs/error.log').includes('mkdir()'), 'the line')
  const log = server.read('logs/error.log')
  expect(log).toMatch(/\[error\] .* cannot PUT to a collection, client: 127\.0\.0\.1/)
  expect(log).toMatch(
    /\[error\] .* mkdir\(\) ".*files\/no\/such\/folder" failed \(2: No such file or directory\)/,
  )
})

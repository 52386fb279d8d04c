/** How much memory a worker's heap keeps of a burst, whatever the machine has. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { askAlone } from '../support/lone-request.ts'
import { PorticoServer } from '../support/portico-server.ts'

const ENTRY = fileURLToPath(new URL('fixtures/churn.mjs', import.meta.url))

let server: PorticoServer

beforeAll(async () => {
  server = await PorticoServer.start({
    conf: `
      error_log stderr info;
      app plain { entry ${ENTRY}; }
      app told { entry ${ENTRY}; env "NODE_OPTIONS=--max-semi-space-size=2"; }
      http {
        access_log off;
        server {
          listen 127.0.0.1:%PORT%;
          location / { app_pass plain; }
          location /told { app_pass told; }
        }
      }`,
    startTimeoutMs: 60_000,
  })
}, 70_000)

afterAll(async () => {
  await server.stop()
})

it('is two halves of 16 MiB', async () => {
  expect((await askAlone(server.port, '/')).body).toBe('32')
})

it('is what NODE_OPTIONS say of an application that has its own', async () => {
  expect((await askAlone(server.port, '/told')).body).toBe('4')
})

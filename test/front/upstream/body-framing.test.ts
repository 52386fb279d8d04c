/** A chunked body that becomes whole while the connection to the upstream is made: the head has said `chunked`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, it } from 'vitest'
import { FrontHarness } from '../../support/front-harness.ts'

const folder = mkdtempSync(join(tmpdir(), 'framing-'))
let front: FrontHarness | undefined

afterEach(() => front?.close())

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Everything that is due but input and output: no connection is made meanwhile. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((resolve) => process.nextTick(resolve))
}

it.each([
  ['with what had come', '3\r\nabc\r\n', '2\r\nde\r\n0\r\n\r\n', 'abcde'],
  ['when nothing had come', '', '5\r\nabcde\r\n0\r\n\r\n', 'abcde'],
  ['without a byte', '', '0\r\n\r\n', ''],
])('is sent in chunks %s', async (_, early, late, body) => {
  const path = join(folder, `${body.length}${early.length}.sock`)
  const arrived = Promise.withResolvers<string>()
  const upstream = createServer((socket) => {
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      if (text.endsWith('0\r\n\r\n') || text.endsWith('abcde')) arrived.resolve(text)
    })
  })
  await new Promise<void>((resolve) => upstream.listen(path, resolve))
  front = new FrontHarness(`server { listen 8080; location / {
    proxy_pass http://unix:${path}; proxy_http_version 1.1; proxy_request_buffering off; } }`)
  const client = front.connect()
  client.receive(`POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n${early}`)
  await settle()
  client.receive(late)
  await settle()
  const text = await arrived.promise
  client.destroy()
  upstream.close()
  expect(text).toContain('Transfer-Encoding: chunked\r\n')
  const chunks = text.slice(text.indexOf('\r\n\r\n') + 4)
  expect(chunks.replace(/[0-9a-f]+\r\n([a-z]*)\r\n/g, '$1')).toBe(body)
  expect(chunks.endsWith('0\r\n\r\n')).toBe(true)
})

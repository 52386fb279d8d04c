import { expect, onTestFinished, test, vi } from 'vitest'
import { FakeSocket, FrontHarness } from '../support/front-harness.ts'

const CONF = 'server { listen %; deny 192.0.2.9; location / { root html; } }'
const REQUEST = 'GET /page HTTP/1.1\r\nHost: x\r\n\r\n'

test.each([
  ['127.0.0.1:8080', '192.0.2.7', /^HTTP\/1.1 200/],
  ['127.0.0.1:8080', '192.0.2.9', /^HTTP\/1.1 403/],
  ['unix:/tmp/x.sock', undefined, /^HTTP\/1.1 200/],
])('on %s a request of %s', async (listen, address, answer) => {
  const { harness, socket } = connected(listen, address)
  socket.receive(REQUEST)
  await vi.waitFor(() => expect(socket.written).toMatch(answer), { timeout: 10_000 })
  expect(harness.server.connectionCount).toBe(1)
  socket.destroy()
})

test('no request of a client that has reset the connection, whose address nobody can tell any more', () => {
  const { harness, socket } = connected('127.0.0.1:8080', undefined)
  expect([socket.destroyed, harness.server.connectionCount]).toEqual([true, 0])
})

function connected(listen: string, address: string | undefined) {
  const harness = new FrontHarness(CONF.replace('%', listen), { 'html/page': 'in' })
  onTestFinished(() => harness.close())
  const socket = new FakeSocket()
  Object.defineProperty(socket, 'remoteAddress', { value: address })
  harness.connect(socket)
  return { harness, socket }
}

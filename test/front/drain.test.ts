/** Whom a worker that drains still waits for, among connections that have not come to their first request. */
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { FrontHarness } from '../support/front-harness.ts'

describe('a worker that drains', () => {
  beforeEach(
    () => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setImmediate', 'performance'] }),
  )
  afterEach(() => void vi.useRealTimers())
  const HEADER = 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n'
  const PASS_MS = 8000

  test.each([
    ['nothing', '', '', 0],
    ['a part of the header', HEADER.slice(0, 9), '', 1],
    ['the header, and nothing more', HEADER, '', 0],
    ['the header afterwards, and nothing more', '', HEADER, 0],
    ['the header and a part of the request', HEADER, 'GET / HTT', 1],
  ])('waits for a proxy that has sent %s: %s %s', async (_what, before, after, left) => {
    const harness = new FrontHarness('server { listen 127.0.0.1:8080 proxy_protocol; }')
    onTestFinished(() => harness.close())
    const socket = harness.connect()
    if (before !== '') socket.receive(before)
    await settled()
    const drained = vi.fn()
    void harness.server.drain().then(drained)
    if (after !== '') socket.receive(after)
    await settled()
    for (let ms = 0; ms < PASS_MS; ms += 100) vi.advanceTimersByTime(100)
    await settled()
    expect([harness.server.connectionCount, drained.mock.calls.length]).toEqual([left, 1 - left])
    socket.destroy()
    await settled()
  })

  /** Streams say what they have to say. */
  async function settled(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((resolve) => process.nextTick(resolve))
  }
})

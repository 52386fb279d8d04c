/** Coded responses and the clients that they go to: slow ones, ones that leave, ones that want no body or a part. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readAnswers, type HttpAnswer } from '../../support/http-answers.ts'
import { FrontHarness, type FakeSocket } from '../../support/front-harness.ts'

const CONF = `
  types { text/html html; }
  log_format coded '$uri $status $gzip_ratio $body_bytes_sent';
  access_log logs/coded.log coded;
  send_timeout 100ms;
  server {
    listen 8080;
    location / { gzip on; gzip_vary on; send_timeout 60s; }
    location /hurried/ { alias html/; gzip on; }
    location /br/ { alias html/; brotli on; gzip on; gzip_vary on; send_timeout 60s; }
    location /only-br/ { alias html/; brotli on; gzip_vary on; send_timeout 60s; }
    location /unpacked/ { alias html/packed/; gzip_static always; gunzip on; send_timeout 60s; }
  }
`
/** Hardly gets shorter than three quarters. */
const NOISE = randomBytes(1_500_000).toString('base64')
const FILES = {
  'html/64k.html': 'abcdefgh'.repeat(8192),
  'html/over.html': 'abcdefgh'.repeat(8192) + '.',
  'html/empty.html': '',
  'html/noise.html': NOISE,
  'html/packed/noise.html.gz': gzipSync(NOISE),
}

describe('a coded response', () => {
  let front: FrontHarness
  beforeAll(() => (front = new FrontHarness(CONF, FILES)))
  afterAll(() => front.close())

  const connect = (path: string, accept: string, method = 'GET', fields = ''): FakeSocket => {
    const socket = front.connect()
    const coding = accept === '' ? '' : `Accept-Encoding: ${accept}\r\n`
    socket.receive(
      `${method} ${path} HTTP/1.1\r\nHost: own.test\r\nConnection: close\r\n${coding}${fields}\r\n`,
    )
    return socket
  }
  const ask = async (...of: Parameters<typeof connect>): Promise<HttpAnswer> => {
    const socket = connect(...of)
    if (!socket.writableFinished) await once(socket, 'finish')
    socket.destroy()
    const [answer] = readAnswers(socket.written, [of[2] ?? 'GET'])
    if (!answer) throw new Error('no answer')
    return answer
  }
  /** A client that reads nothing, once all is written that the server will write. */
  const stalled = async (path: string, accept: string): Promise<FakeSocket> => {
    const socket = front.connect()
    socket.blocked = true
    socket.receive(`GET ${path} HTTP/1.1\r\nHost: own.test\r\nAccept-Encoding: ${accept}\r\n\r\n`)
    for (let waited = 0; !socket.writableNeedDrain && waited < 2000; waited += 1) await setTimeout(5)
    expect(socket.writableNeedDrain).toBe(true)
    return socket
  }
  const codingOf = (socket: FakeSocket): string | undefined =>
    /^Content-Encoding: (.*)\r$/im.exec(socket.written)?.[1]
  const bytesOf = ({ body }: HttpAnswer): Buffer => Buffer.from(body, 'latin1')

  it.each(['64k', 'over', 'noise'] as const)('is one member: %s', async (name) => {
    const answer = await ask(`/${name}.html`, 'gzip')
    expect(answer.headers.get('content-encoding')).toBe('gzip')
    const body = FILES[`html/${name}.html`]
    const bytes = bytesOf(answer)
    expect(gunzipSync(bytes).toString()).toBe(body)
    const ratio = Math.round((body.length * 100) / bytes.length) / 100
    expect(logged().at(-1)).toBe(`/${name}.html 200 ${ratio.toFixed(2)} ${bytes.length}`)
  })
  const logged = (): string[] => front.read('logs/coded.log').trimEnd().split('\n')

  it('has no body for HEAD, and the same head', async () => {
    const [got, head] = [await ask('/over.html', 'gzip'), await ask('/over.html', 'gzip', 'HEAD')]
    expect(head.body).toBe('')
    for (const name of ['content-encoding', 'vary', 'etag', 'content-length'])
      expect([name, head.headers.get(name)]).toEqual([name, got.headers.get(name)])
  })

  it('is not made of an empty body', async () => {
    const { headers, body } = await ask('/empty.html', 'gzip')
    expect([headers.get('content-encoding'), headers.get('content-length'), body]).toEqual([
      undefined,
      '0',
      '',
    ])
  })

  it('is whole where a range was asked for; a range is of what is not coded', async () => {
    const coded = await ask('/over.html', 'gzip', 'GET', 'Range: bytes=0-9\r\n')
    expect([coded.status, gunzipSync(bytesOf(coded)).length]).toEqual([200, 65_537])
    const part = await ask('/over.html', '', 'GET', 'Range: bytes=0-9\r\n')
    expect([part.status, part.body, part.headers.get('content-encoding')]).toEqual([
      206,
      'abcdefghab',
      undefined,
    ])
  })

  it('waits for a client that does not read, and is whole when it does', async () => {
    const socket = await stalled('/noise.html', 'gzip')
    for (let turn = 0; turn < 100; turn += 1) await setImmediate()
    expect(socket.writableLength).toBeLessThan(256 * 1024)
    socket.release()
    const whole = () => socket.written.endsWith('\r\n0\r\n\r\n')
    for (let waited = 0; !whole() && waited < 2000; waited += 1) await setTimeout(5)
    const [answer] = readAnswers(socket.written)
    expect(answer && gunzipSync(bytesOf(answer)).toString() === NOISE).toBe(true)
    socket.destroy()
  })

  it('is cut when the client takes nothing for send_timeout', async () => {
    const socket = await stalled('/hurried/noise.html', 'gzip')
    if (!socket.destroyed) await once(socket, 'close')
    expect(codingOf(socket)).toBe('gzip')
  })

  it('is in another coding, or in none, while slow clients have all memory that brotli may', async () => {
    const slow: FakeSocket[] = []
    while (slow.length < 50) {
      const socket = await stalled('/br/noise.html', 'br, gzip')
      slow.push(socket)
      if (codingOf(socket) !== 'br') break
    }
    expect(slow.map(codingOf).slice(-2)).toEqual(['br', 'gzip'])
    const plain = await ask('/only-br/noise.html', 'br')
    expect([plain.headers.get('content-encoding'), plain.headers.get('vary')]).toEqual([
      undefined,
      'Accept-Encoding',
    ])
    expect(plain.body === NOISE).toBe(true)
    slow[0]?.destroy() // one leaves
    await once(slow[0] as FakeSocket, 'close')
    const again = await ask('/only-br/noise.html', 'br')
    expect(again.headers.get('content-encoding')).toBe('br')
    expect(brotliDecompressSync(bytesOf(again)).toString() === NOISE).toBe(true)
    for (const socket of slow) socket.destroy()
  })

  it('is decoded no faster than its client reads', async () => {
    const socket = await stalled('/unpacked/noise.html', 'identity')
    await setTimeout(50)
    expect(socket.writableLength).toBeLessThan(256 * 1024)
    socket.release()
    for (let waited = 0; socket.written.length < NOISE.length && waited < 2000; waited += 1)
      await setTimeout(5)
    const { body, headers } = await ask('/unpacked/noise.html', 'identity')
    expect([headers.get('content-encoding'), body === NOISE]).toEqual([undefined, true])
    socket.destroy()
  })
})

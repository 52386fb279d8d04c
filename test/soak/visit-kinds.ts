/** The kinds of visitors beside the orders: long bodies both ways, slow ones, web sockets, and those who mean ill. */
import { setTimeout as delay } from 'node:timers/promises'
import { FILE_PATH, FILE_TEXT } from './order-load.ts'
import { putReceipt } from './order-texts.ts'
import { expectBody, VisitFault, type Visit, type VisitKind } from './visitors.ts'

export const LARGE_BYTES = 2 << 20
export const LARGE_PATH = '/large.bin'
/** Passed to upstreams that are troubled, one at a time; answers `proxied ID`. */
export const PROXIED_PATH = '/proxied'
/** A long answer of an upstream that is well. */
export const LONG_PATH = '/long'
export const CHAT_PATH = '/chat'

const PIECE = Buffer.alloc(32 * 1024, 'u')
const PIECES = 8
const PIECE_PAUSE_MS = 30
const READ_PAUSE_MS = 15

/** PUT, which may be repeated: of a body that is on its way for a while, in pieces or chunks. */
async function upload(visit: Visit): Promise<void> {
  const chunked = visit.number % 2 === 0
  const length = PIECES * PIECE.length
  const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`
  const id = String(visit.number)
  visit.send(`PUT /order?id=${id} HTTP/1.1\r\nHost: a\r\n${framing}\r\nConnection: close\r\n\r\n`)
  const answer = visit.answer()
  for (let piece = 0; piece < PIECES; piece += 1) {
    await delay(PIECE_PAUSE_MS)
    if (chunked) visit.send(`${PIECE.length.toString(16)}\r\n`)
    visit.send(PIECE)
    if (chunked) visit.send('\r\n')
  }
  if (chunked) visit.send('0\r\n\r\n')
  expectBody(await answer, putReceipt(id, length))
}

function download(path: string, pauseMs: number) {
  return async (visit: Visit): Promise<void> => {
    visit.send(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    expectBody(await visit.answer(pauseMs), 'l'.repeat(64), LARGE_BYTES)
  }
}

async function proxied(visit: Visit): Promise<void> {
  visit.send(`GET ${PROXIED_PATH}?id=${visit.number} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
  expectBody(await visit.answer(), `proxied ${visit.number}`)
}

/** Its head comes byte by byte. */
async function slow(visit: Visit): Promise<void> {
  const answer = visit.answer()
  for (const byte of `GET ${FILE_PATH} HTTP/1.1\r\nHost: slow\r\nConnection: close\r\n\r\n`) {
    visit.send(byte)
    await delay(10)
  }
  expectBody(await answer, FILE_TEXT)
}

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const MESSAGES = 25
const MESSAGE_PAUSE_MS = 100

/** Messages to and fro for a few seconds; every one comes back, and the end is the one that was asked for. */
async function chat(visit: Visit): Promise<void> {
  const { socket } = visit
  const bytes = new ByteQueue(socket)
  const fields = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}`
  visit.send(`GET ${CHAT_PATH} HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`)
  const head = await bytes.until('\r\n\r\n')
  if (!head.startsWith('HTTP/1.1 101 ')) throw new VisitFault('status', head.slice(9, 12))
  for (let message = 0; message < MESSAGES; message += 1) {
    const text = `message ${message} of ${visit.number}`
    visit.send(frame(0x81, Buffer.from(text)))
    const echo = await bytes.take(2 + text.length)
    if (echo.slice(2) !== text) throw new VisitFault('wrong', `"${echo}" instead of "${text}"`)
    await delay(MESSAGE_PAUSE_MS)
  }
  visit.send(frame(0x88, Buffer.from([0x03, 0xe8])))
  await bytes.take(4)
}

/** With a mask of zeros. */
function frame(first: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([first, 0x80 | payload.length]), Buffer.alloc(4), payload])
}

/** What came, as Latin-1, for one who waits for so much of it. */
class ByteQueue {
  #text = ''
  #fault: Error | undefined
  #wake: () => void = () => undefined

  constructor(socket: Visit['socket']) {
    const fail = (error: Error): void => {
      this.#fault ??= error
      this.#wake()
    }
    socket.on('data', (bytes: Buffer) => {
      this.#text += bytes.toString('latin1')
      this.#wake()
    })
    socket.on('error', fail)
    socket.on('close', () => fail(new Error('the connection ended')))
  }

  async until(mark: string): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf(mark)
      if (end >= 0) return this.#cut(end + mark.length)
      await this.#more()
    }
  }

  async take(length: number): Promise<string> {
    while (this.#text.length < length) await this.#more()
    return this.#cut(length)
  }

  #cut(length: number): string {
    const text = this.#text.slice(0, length)
    this.#text = this.#text.slice(length)
    return text
  }

  #more(): Promise<void> {
    if (this.#fault) return Promise.reject(this.#fault)
    return new Promise((resolve) => (this.#wake = resolve))
  }
}

/** What no server may take; null ends the connection as it is. */
const ILL: readonly (readonly (string | null)[])[] = [
  ['GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
  ['GET / HTTP/1.1\r\n\r\n'],
  ['PUT /order?id=1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  ['PUT /order?id=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde'],
  ['PUT /order?id=1 HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n'],
  [`GET /${'a'.repeat(70_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
  [`GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(20_000)}\r\n`],
  ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
  ['GET /../../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['PUT /order?id=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nhalf', null],
  [`GET ${LARGE_PATH} HTTP/1.1\r\nHost: a\r\n\r\n`, null],
  [`GET ${LONG_PATH} HTTP/1.1\r\nHost: a\r\n\r\n`, null],
  ['GET / HT', null],
  [`GET ${CHAT_PATH} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\xff\xff`],
]
const ILL_LIMIT_MS = 30_000
const BREAK_AFTER_MS = 50

/** Says what is wrong and hears 400 or the like, or nothing; what it breaks off itself is not answered. */
async function hostile(visit: Visit): Promise<void> {
  const { socket } = visit
  const [text, end] = ILL[visit.number % ILL.length] ?? []
  let heard = ''
  socket.on('data', (bytes: Buffer) => (heard = (heard + bytes.toString('latin1')).slice(0, 64)))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  visit.send(Buffer.from(text ?? '', 'latin1'))
  if (end === null) {
    await Promise.race([closed, delay(BREAK_AFTER_MS)])
    socket.resetAndDestroy()
    return
  }
  const late = setTimeout(() => socket.destroy(), ILL_LIMIT_MS)
  await closed
  clearTimeout(late)
  const status = heard.slice(9, 12)
  if (heard !== '' && !/^(4\d\d|501|505)$/.test(status))
    throw new VisitFault('status', `${text?.slice(0, 30)}: ${status}`)
}

export function visitKinds(): VisitKind[] {
  const kept = { keptBytes: 64 }
  return [
    { client: 'upload', count: 4, ...kept, visit: upload },
    { client: 'download', count: 3, ...kept, pauseMs: 50, visit: download(LARGE_PATH, READ_PAUSE_MS) },
    { client: 'long', count: 3, ...kept, pauseMs: 50, visit: download(LONG_PATH, READ_PAUSE_MS) },
    { client: 'proxied', count: 4, ...kept, pauseMs: 20, visit: proxied },
    { client: 'slow', count: 4, keptBytes: 2048, visit: slow },
    { client: 'chat', count: 6, ...kept, visit: chat },
    { client: 'hostile', count: 3, ...kept, pauseMs: 20, visit: hostile },
  ]
}

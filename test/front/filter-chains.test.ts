/** Filters behind one another, each of which may make the writer wait: a large page comes whole through any of them. */
import { once } from 'node:events'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeSocket, FrontHarness } from '../support/front-harness.ts'
import { readAnswers } from '../support/http-answers.ts'

const LARGE = 'large words and more words, '.repeat(40_000)
const CODINGS = { identity: '', gzip: 'gzip on;', br: 'brotli on;', zstd: 'zstd on;' } as const
const PACES = { fast: '', paced: 'limit_rate 3m;' } as const
const PAGES = {
  'plain/large.html': '',
  'ssi/page.html': 'ssi on;',
  'nested/outer.html': 'ssi on;',
  'around/large.html': 'add_before_body /part/large.html; add_after_body /part/large.html;',
} as const
const FILES: Record<string, string> = {
  'html/large.html': LARGE,
  'html/page.html': `<!--#include virtual="/part/large.html" -->${LARGE}<!--#include virtual="/part/large.html" -->`,
  'html/outer.html': `<!--#include virtual="/inner/page.html" -->${LARGE}<!--#include virtual="/part/large.html" -->`,
}
const BODIES: Record<keyof typeof PAGES, string> = {
  'plain/large.html': LARGE,
  'ssi/page.html': LARGE.repeat(3),
  'nested/outer.html': LARGE.repeat(5),
  'around/large.html': LARGE.repeat(3),
}

function confOf(): string {
  let locations = 'location /part/ { alias html/; } location /inner/ { alias html/; ssi on; }\n'
  for (const [page, filter] of Object.entries(PAGES)) {
    const [folder] = page.split('/')
    for (const [coding, code] of Object.entries(CODINGS))
      for (const [pace, limit] of Object.entries(PACES))
        locations += `location /${pace}/${coding}/${folder}/ { alias html/; ${filter} ${code} ${limit} }\n`
  }
  return `types { text/html html; } server { listen 8080; ${locations} }`
}

/** Takes what is written a turn of the loop later. */
class SlowSocket extends FakeSocket {
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written += chunk.toString('latin1')
    setImmediate(done)
  }
}

const CLIENTS = { quick: FakeSocket, slow: SlowSocket }
const CASES = Object.keys(PAGES).flatMap((page) =>
  Object.keys(CODINGS).flatMap((coding) =>
    Object.keys(PACES).flatMap((pace) =>
      Object.keys(CLIENTS).map((client) => [page, coding, pace, client] as const),
    ),
  ),
)

describe('a large page', () => {
  let front: FrontHarness
  beforeAll(() => (front = new FrontHarness(confOf(), FILES)))
  afterAll(() => front.close())

  const ask = async (path: string, coding: string, socket: FakeSocket): Promise<string> => {
    front.connect(socket)
    socket.receive(
      `GET ${path} HTTP/1.1\r\nHost: own.test\r\nConnection: close\r\nAccept-Encoding: ${coding}\r\n\r\n`,
    )
    if (!socket.writableFinished) await once(socket, 'finish')
    socket.destroy()
    const [answer] = readAnswers(socket.written)
    if (!answer) throw new Error('no answer')
    const bytes = Buffer.from(answer.body, 'latin1')
    const decode = { br: brotliDecompressSync, zstd: zstdDecompressSync, gzip: gunzipSync }[coding]
    return (decode ? decode(bytes) : bytes).toString()
  }

  it.each(CASES)('%s in %s, %s, to a %s client', async (page, coding, pace, client) => {
    const socket = new CLIENTS[client as keyof typeof CLIENTS]()
    const body = await ask(`/${pace}/${coding}/${page}`, coding, socket)
    expect(body.length).toBe(BODIES[page as keyof typeof PAGES].length)
    expect(body === BODIES[page as keyof typeof PAGES]).toBe(true)
  })
})

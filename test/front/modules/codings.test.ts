/** Codings that nginx as Debian has it does not know, and what becomes of a response that is coded. */
import {
  brotliCompressSync,
  brotliDecompressSync,
  gunzipSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readAnswers } from '../../support/http-answers.ts'
import { FrontHarness } from '../../support/front-harness.ts'

const PAGE = `<p>${'words and more words '.repeat(50)}</p>\n`

const CONF = `
  types { text/html html; }
  server {
    listen 8080;
    location / { gzip on; brotli on; zstd on; gzip_vary on; }
    location /coded/ { brotli_static on; zstd_static on; gzip_static on; gzip_vary on; }
    location /always/ { alias html/coded/; brotli_static always; }
    location /page/ { alias html/; ssi on; brotli on; }
  }
`
const FILES = {
  'html/page.html': PAGE,
  'html/small.html': 'small',
  'html/ssi.html': `<!--#include virtual="/page.html" -->${PAGE}`,
  'html/coded/a.html': 'plain',
  'html/coded/a.html.br': brotliCompressSync('in brotli'),
  'html/coded/a.html.zst': zstdCompressSync('in zstd'),
}

describe('a response to who accepts', () => {
  let front: FrontHarness
  beforeAll(() => (front = new FrontHarness(CONF, FILES)))
  afterAll(() => front.close())

  const ask = async (path: string, accept: string): Promise<readonly [string | undefined, string]> => {
    const socket = front.connect()
    socket.receive(
      `GET ${path} HTTP/1.1\r\nHost: own.test\r\nConnection: close\r\nAccept-Encoding: ${accept}\r\n\r\n`,
    )
    await once(socket, 'finish') // a codec answers from its thread
    socket.destroy()
    const [answer] = readAnswers(socket.written)
    if (!answer) throw new Error('no answer')
    const bytes = Buffer.from(answer.body, 'latin1')
    const coding = answer.headers.get('content-encoding')
    const decode = { br: brotliDecompressSync, zstd: zstdDecompressSync, gzip: gunzipSync }[coding ?? '']
    return [coding, (decode ? decode(bytes) : bytes).toString()]
  }

  it.each([
    ['/page.html', 'gzip, br', 'br', PAGE],
    ['/page.html', 'zstd', 'zstd', PAGE],
    ['/page.html', 'gzip;q=1, br;q=0', 'gzip', PAGE],
    ['/page.html', 'identity', undefined, PAGE],
    ['/small.html', 'br', undefined, 'small'],
    ['/page/ssi.html', 'br', 'br', PAGE + PAGE],
    ['/coded/a.html', 'br, zstd', 'br', 'in brotli'],
    ['/coded/a.html', 'zstd, gzip', 'zstd', 'in zstd'],
    ['/coded/a.html', 'gzip', undefined, 'plain'],
    ['/always/a.html', 'identity', 'br', 'in brotli'],
  ])('%s in %s is in %s', async (path, accept, coding, text) => {
    expect(await ask(path, accept)).toEqual([coding, text])
  })

  it('says once that it depends on that, and has a weak tag', async () => {
    const { headers } = await front.get('/page.html', 'Accept-Encoding: br\r\n')
    expect([headers.get('vary'), headers.get('etag')?.slice(0, 2)]).toEqual(['Accept-Encoding', 'W/'])
    expect([headers.has('content-length'), headers.has('accept-ranges')]).toEqual([false, false])
  })
})

/** Small files are answered with text that was made before: it must be the text that would be made now. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FrontHarness } from '../support/front-harness.ts'

const CONF = `
  types { text/html html; text/plain txt; }
  server {
    root html;
    location / { }
    location /plain/ { alias html/; types { } default_type text/plain; charset utf-8; etag off; }
    location /added/ { alias html/; add_header X-Uri $uri; }
    location /expiring/ { alias html/; expires 1h; }
    location /gzip/ { alias html/; gzip on; gzip_min_length 1; }
    location /no-ranges/ { alias html/; max_ranges 0; }
    location /slow/ { alias html/; limit_rate 100k; }
    location /kept/ { alias html/; open_file_cache max=10; }
    location /recoded/ { alias html/; set $own $arg_charset; charset $own; }
    location /error { error_page 404 /a.html; return 404; }
    location /renamed { rewrite ^ /a.html break; default_type application/x-other; types { } }
  }`

describe('an answer with a small file', () => {
  let harness: FrontHarness
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 21, 12, 0, 0) })
    harness = new FrontHarness(CONF, { 'html/a.html': '<p>hello</p>', 'html/b.html': 'two' })
  })
  afterEach(() => {
    vi.useRealTimers()
    harness.close()
  })

  const ask = (head: string): Promise<string> => harness.ask(`${head}\r\nHost: own.test\r\n\r\n`)

  it('is the same twice in a second', async () => {
    const first = await ask('GET /a.html HTTP/1.1')
    expect(first).toContain('Content-Length: 12\r\n')
    expect(first).toContain('Date: Sat, 21 Nov 2026 12:00:00 GMT\r\n')
    expect(first.endsWith('\r\n\r\n<p>hello</p>')).toBe(true)
    expect(await ask('GET /a.html HTTP/1.1')).toBe(first)
  })

  it('says the date of its second', async () => {
    const first = await ask('GET /a.html HTTP/1.1')
    vi.setSystemTime(Date.UTC(2026, 10, 21, 12, 0, 1))
    const second = await ask('GET /a.html HTTP/1.1')
    expect(second).toBe(first.replace('12:00:00', '12:00:01'))
  })

  it('closes and keeps as each request wants', async () => {
    const kept = await ask('GET /a.html HTTP/1.1')
    const closed = await ask('GET /a.html HTTP/1.1\r\nConnection: close')
    const old = await ask('GET /a.html HTTP/1.0')
    expect(kept).toContain('Connection: keep-alive\r\n')
    expect(closed).toBe(kept.replace('keep-alive', 'close'))
    expect(old).toBe(closed)
    expect(await ask('GET /a.html HTTP/1.1')).toBe(kept)
  })

  it('has no body for HEAD', async () => {
    const whole = await ask('GET /a.html HTTP/1.1')
    expect(await ask('HEAD /a.html HTTP/1.1')).toBe(whole.replace('<p>hello</p>', ''))
  })

  it.each([
    ['/plain/a.html', 'Content-Type: text/plain; charset=utf-8\r\n', 'ETag'],
    ['/added/a.html', 'X-Uri: /added/a.html\r\n', undefined],
    ['/expiring/a.html', 'Cache-Control: max-age=3600\r\n', undefined],
    ['/no-ranges/a.html', 'Content-Type: text/html\r\n', 'Accept-Ranges'],
    ['/slow/a.html', 'Content-Length: 12\r\n', undefined],
    ['/renamed', 'Content-Type: application/x-other\r\n', undefined],
  ])('is that of its location: %s', async (target, has, hasNot) => {
    const plain = await ask('GET /a.html HTTP/1.1')
    const own = await ask(`GET ${target} HTTP/1.1`)
    expect(own).toContain(has)
    if (hasNot !== undefined) expect(own).not.toContain(hasNot)
    expect(own.endsWith('<p>hello</p>')).toBe(true)
    expect(await ask('GET /a.html HTTP/1.1')).toBe(plain)
    expect(await ask(`GET ${target} HTTP/1.1`)).toBe(own)
  })

  it('has the charset that a variable gives each request', async () => {
    expect(await ask('GET /recoded/a.html?charset=utf-8 HTTP/1.1')).toContain('text/html; charset=utf-8\r\n')
    expect(await ask('GET /recoded/a.html?charset=koi8-r HTTP/1.1')).toContain(
      'text/html; charset=koi8-r\r\n',
    )
  })

  it('is not taken for what a filter changes', async () => {
    await ask('GET /gzip/a.html HTTP/1.1')
    const coded = await harness.get('/gzip/a.html', 'Accept-Encoding: gzip\r\n')
    expect(coded.status).toBe(200)
    expect(await ask('GET /gzip/a.html HTTP/1.1\r\nAccept-Encoding: gzip')).toContain(
      'Content-Encoding: gzip',
    )
    expect(await ask('GET /gzip/a.html HTTP/1.1')).toContain('<p>hello</p>')
  })

  it('keeps the status of an error that it is the page of', async () => {
    const plain = await ask('GET /a.html HTTP/1.1')
    expect(await ask('GET /error HTTP/1.1')).toMatch(/^HTTP\/1.1 404 Not Found\r\n/)
    expect(await ask('GET /a.html HTTP/1.1')).toBe(plain)
  })

  it('answers conditions and ranges for themselves', async () => {
    const plain = await ask('GET /a.html HTTP/1.1')
    const etag = /ETag: (.*)\r\n/.exec(plain)?.[1] ?? ''
    expect(await ask(`GET /a.html HTTP/1.1\r\nIf-None-Match: ${etag}`)).toMatch(/^HTTP\/1.1 304 /)
    expect(await ask('GET /a.html HTTP/1.1\r\nRange: bytes=3-7')).toMatch(/^HTTP\/1.1 206 [^]*\r\n\r\nhello$/)
    expect(await ask('GET /a.html HTTP/1.1')).toBe(plain)
  })

  it('is new as soon as the file is', async () => {
    await ask('GET /a.html HTTP/1.1')
    writeFileSync(join(harness.folder, 'html/a.html'), 'changed!')
    expect(await ask('GET /a.html HTTP/1.1')).toMatch(/Content-Length: 8\r\n[^]*\r\n\r\nchanged!$/)
    rmSync(join(harness.folder, 'html/a.html'))
    expect((await harness.get('/a.html')).status).toBe(404)
  })

  it('is whole for a large one too, from its second use on', async () => {
    const large = 'abcdefghij'.repeat(10_000)
    writeFileSync(join(harness.folder, 'html/large.txt'), large)
    await ask('GET /large.txt HTTP/1.1') // streamed, in turns of the loop that nobody counts
    const first = await ask('GET /large.txt HTTP/1.1')
    expect(first).toContain('Content-Length: 100000\r\n')
    expect(first.endsWith(`\r\n\r\n${large}`)).toBe(true)
    for (let time = 0; time < 3; time += 1) expect(await ask('GET /large.txt HTTP/1.1')).toBe(first)
    expect(await ask('HEAD /large.txt HTTP/1.1')).toBe(first.slice(0, -large.length))
    writeFileSync(join(harness.folder, 'html/large.txt'), large.toUpperCase())
    await ask('GET /large.txt HTTP/1.1')
    expect((await ask('GET /large.txt HTTP/1.1')).endsWith(large.toUpperCase())).toBe(true)
  })

  it('stands for its time where open_file_cache is on', async () => {
    const first = await ask('GET /kept/a.html HTTP/1.1')
    await ask('GET /kept/a.html HTTP/1.1')
    writeFileSync(join(harness.folder, 'html/a.html'), 'changed!')
    expect(await ask('GET /kept/a.html HTTP/1.1')).toBe(first)
    expect((await harness.get('/a.html')).body).toBe('changed!')
  })
})

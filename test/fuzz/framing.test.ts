/**
 * For every request that the front accepts: what is behind it saw what a strict reading of RFC 9112 sees in the
 * client's bytes, over HTTP and over FastCGI; no byte of one request is ever part of the next. By hand, for as long as
 * is wanted: `node test/fuzz/main.ts framing`.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runFraming } from './framing/run.ts'
import { readRequests, STRICT } from './framing/reference-parser.ts'
import { FramingTiers } from './framing/tiers.ts'

let tiers: FramingTiers

beforeAll(async () => {
  tiers = await new FramingTiers().start()
})

afterAll(async () => {
  await tiers.stop()
})

describe('framing', () => {
  const seed = 7 // the same each time; `npm run fuzz -- framing` takes others

  it('of pairs of sound requests is agreed upon', async () => {
    const figures = await runFraming(tiers, 'pairs', 600, seed)
    expect(figures.faults, `seed ${seed}`).toEqual([])
    expect(figures).toMatchObject({ accepted: 2400, refused: 0, conversations: 1200 })
  })

  it('of what parsers disagree about is agreed upon', async () => {
    const figures = await runFraming(tiers, 'connections', 800, seed)
    expect(figures.faults, `seed ${seed}`).toEqual([])
    expect(figures.accepted).toBeGreaterThan(200)
    expect(figures.refused).toBeGreaterThan(200)
  })

  it('is kept towards the upstream, whose reader sees one whole request at a time', () => {
    expect(tiers.upstream.faults).toEqual([])
    expect(tiers.upstream.requests).toBeGreaterThan(1500)
    expect(tiers.alarms).toEqual([])
  })
})

describe('the reference', () => {
  const read = (text: string) => {
    const { requests, end } = readRequests(text, STRICT)
    return [...requests.map(({ target, body }) => `${target} ${body}`), end]
  }
  const host = 'Host: h\r\n'

  it.each([
    ['two bodies', `POST /1 HTTP/1.1\r\n${host}Content-Length: 2\r\n\r\nabPOST /2 HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n2;x\r\ncd\r\n0\r\n\r\n`, ['/1 ab', '/2 cd', 'done']],
    ['a body that is not whole', `POST /1 HTTP/1.1\r\n${host}Content-Length: 3\r\n\r\nab`, ['incomplete']],
    ['both lengths', `POST /1 HTTP/1.1\r\n${host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc`, ['invalid: Content-Length and Transfer-Encoding']],
    ['a bare LF', `GET /1 HTTP/1.1\n${host}\r\n`, ['invalid: LF without CR']],
    ['a blank before the colon', `GET /1 HTTP/1.1\r\nHost : h\r\n\r\n`, ['invalid: field name']],
    ['a chunk longer than it says', `POST /1 HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n`, ['invalid: end of chunk']],
  ])('reads %s', (_, text, expected) => {
    expect(read(text)).toEqual(expected)
  })

  it.each([
    ['an unfinished HEAD', `HEAD /1 HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n`, true],
    ['a HEAD that is wrong', 'HEAD /1 HTTP/1.1\r\n\r\n', true],
    ['a whole HEAD', `HEAD /1 HTTP/1.1\r\n${host}\r\n`, false],
    ['an unfinished GET behind it', `HEAD /1 HTTP/1.1\r\n${host}\r\nGET /2 HTTP/1.1\r\n`, false],
  ])('knows of %s whether its answer has content', (_, text, expected) => {
    expect(readRequests(text, STRICT).endsInHead).toBe(expected)
  })
}) // prettier-ignore

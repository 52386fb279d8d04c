/**
 * Both fronts before every application, over every protocol, each with the real program: what all of them have to
 * carry, and that nginx and ours carry it alike.
 */
import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { describeWithPeer } from '../support/peer.ts'
import type { HttpAnswer } from '../support/http-answers.ts'
import { CELLS, MISFITS, PAIRS, SPEAKS, TITLES, titleOf, type Cell } from './gateway-matrix/cells.ts'
import { COMPARED } from './gateway-matrix/compared.ts'
import {
  ERROR_STATUS,
  joined,
  misfitStatus,
  toldOfProxy,
  TOLD_BY_NGINX,
  tooLong,
} from './gateway-matrix/peculiarities.ts'
import { World } from './gateway-matrix/world.ts'

let world: World

const BODIES = [0, 1, 65_536, 10 * 1024 * 1024].map((size) => {
  const body = randomBytes(size)
  return { size, body, hash: createHash('sha256').update(body).digest('hex') }
})

let marks = 0
const newMark = ({ front, peer, protocol }: Cell): string => `${front}-${peer}-${protocol}-${(marks += 1)}`

function carries(cell: Cell): void {
  test('GET', async () => {
    const { status, headers, body } = await world.ask(cell, '/hello')
    expect([status, headers['content-length'], body.toString()]).toEqual([200, '6', 'hello\n'])
    expect(headers['content-type']).toMatch(/^text\/plain/)
  })

  test('HEAD', async () => {
    const { status, headers, body, complete } = await world.ask(cell, '/hello', { method: 'HEAD' })
    expect([status, headers['content-length'], body.length, complete]).toEqual([200, '6', 0, true])
  })

  describe.each(BODIES)('POST of $size bytes', ({ size, body, hash }) => {
    test.each([
      ['with its length', { 'Content-Length': String(size) }],
      ['chunked', { 'Transfer-Encoding': 'chunked' }],
    ])('%s', async (_, headers) => {
      const answer = await world.ask(cell, '/digest?a=%20b', { method: 'POST', headers, body })
      expect([answer.status, answer.body.toString()]).toEqual([200, `POST ${size} ${size} ${hash} a=%20b`])
    })
  })

  test('fields of a request that are there twice, and one that is not told', async () => {
    const lines = 'X-Twice: one\r\nCookie: c=1\r\nX-Twice: two\r\nCookie: d=2\r\nProxy: evil\r\n'
    const text = `GET %CELL%/environ HTTP/1.1\r\nHost: matrix.test\r\nConnection: close\r\n${lines}\r\n`
    const environ = environOf(await world.raw(cell, text))
    expect(joined(cell, ['one', 'two'], ', ')).toContain(environ['HTTP_X_TWICE'])
    expect(joined(cell, ['c=1', 'd=2'], '; ')).toContain(environ['HTTP_COOKIE'])
    expect(environ['HTTP_PROXY']).toBe(toldOfProxy(cell) ? 'evil' : undefined)
  })

  test('fields of a response that are there twice', async () => {
    const { status, headers, body } = await world.ask(cell, '/fields')
    expect([status, body.toString()]).toEqual([201, 'fields'])
    expect([headers['set-cookie'], headers['x-latin']]).toEqual([['a=1', 'b=2'], 'caf\xe9'])
  })

  test('60 KiB of request fields', async () => {
    const { status, body } = await world.ask(cell, '/long', { headers: longFields(15) })
    expect([status, body.toString()]).toEqual([200, '15 61440'])
  })

  const { status: expected, reason } = tooLong(cell)
  test(`80 KiB of request fields: ${expected}, ${reason}`, async () => {
    const { status, body } = await world.ask(cell, '/long', { headers: longFields(20) })
    expect(status).toBe(expected)
    if (status === 200) expect(body.toString()).toBe('20 81920')
    expect((await world.ask(cell, '/hello')).status).toBe(200)
  })

  test('a response whose first bytes arrive before the last are made', async () => {
    const mark = newMark(cell)
    const onPart = (): void => world.mark(`go-${mark}`)
    const { status, body, complete } = await world.ask(cell, `/stream/${mark}`, { onPart })
    expect([status, body.toString(), complete]).toEqual([200, 'first\nlast\n', true])
  })

  test('a large response', async () => {
    const { body, complete } = await world.ask(cell, '/large')
    expect([body.length, complete]).toEqual([64 * 65_536, true])
    for (let number = 0; number < 64; number += 1) expect(body[number * 65_536]).toBe(number)
  })

  test('an error of the application', async () => {
    const mark = newMark(cell)
    const { status } = await world.ask(cell, `/boom/${mark}`)
    expect(status).toBe(ERROR_STATUS[cell.peer])
    await expect.poll(() => world.logs, { timeout: 20_000 }).toContain(`broken on purpose ${mark}`)
  })

  test('a response that breaks off', async () => {
    const { status, body, complete } = await world.ask(cell, '/half')
    expect([status, body.toString(), complete]).toEqual([200, 'half', false])
  })

  test('a client that goes away: the application ends its work', async () => {
    const mark = newMark(cell)
    await world.leave(cell, `/forever/${mark}`)
    await expect.poll(() => world.marked(`gone-${mark}`), { timeout: 15_000 }).toBe(true)
  })
}

function longFields(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`X-Long-${i}`, 'x'.repeat(4096)]))
}

function environOf({ body }: HttpAnswer): Record<string, string> {
  return JSON.parse(Buffer.from(body, 'latin1').toString()) as Record<string, string>
}

/** Fields whose value is a server's own, or that only frame. */
const OWN_FIELDS = new Set(['server', 'date', 'transfer-encoding', 'content-length'])

function comparable(answer: HttpAnswer): unknown {
  const { status, headers, body } = answer
  const fields = [...headers].filter(([name]) => !OWN_FIELDS.has(name)).sort()
  if (!body.startsWith('{')) return { status, fields, body }
  const told = environOf(answer)
  for (const name of TOLD_BY_NGINX) Reflect.deleteProperty(told, name)
  return { status, fields, told }
}

describeWithPeer(['nginx', 'uwsgi', 'php-fpm', 'gunicorn'], 'the matrix', (nginx) => {
  beforeAll(async () => {
    world = await World.start(nginx)
    for (const cell of CELLS)
      await vi.waitUntil(async () => (await world.ask(cell, '/hello')).status === 200, { timeout: 60_000 })
  })

  afterAll(async () => {
    expect(world.logs).not.toMatch(/\[(emerg|crit)\]/)
    await world.stop()
  })

  describe.each(CELLS.map((cell) => [titleOf(cell), cell] as const))('%s', (_, cell) => {
    carries(cell)
  })

  const spoken = PAIRS.filter(({ peer, protocol }) => SPEAKS[peer][protocol] === true)
  describe.each(spoken.map((pair) => [`${TITLES[pair.peer]} over ${pair.protocol}`, pair] as const))(
    '%s is told the same, and answers the same',
    (_, pair) => {
      test.each(Object.entries(COMPARED))('%s', async (_name, text) => {
        const ours = await world.raw({ front: 'portico', ...pair }, text)
        const theirs = await world.raw({ front: 'nginx', ...pair }, text)
        expect(comparable(ours)).toEqual(comparable(theirs))
      })
    },
  )

  test.each(MISFITS.map((cell) => [`${titleOf(cell)}: ${cell.reason}`, cell] as const))(
    '%s',
    async (_, cell) => {
      expect((await world.ask(cell, '/hello')).status).toBe(misfitStatus(cell.peer))
    },
  )
})

/**
 * What the orders of `OrderLoad` are given to. It keeps a book of its own, a line when an order has come whole and one
 * when it is done, each written before anything else happens: what the client was told is compared with it.
 *
 * ORDER_BOOK is the book's file; RELEASE_FILE holds the name of what is deployed, read once at the start.
 */
import { openSync, readFileSync, writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Application, Environ } from '../../src/gateway/application.ts'
import { itemBody, orderReceipt, putReceipt } from './order-texts.ts'

const book = openSync(process.env['ORDER_BOOK'] ?? '/dev/null', 'a')
const release = readRelease()
const POST_DELAY_MS = 8
const GET_DELAY_MS = 2

function readRelease(): string {
  const file = process.env['RELEASE_FILE']
  return file === undefined ? '0' : readFileSync(file, 'utf8')
}

async function readLength(input: Environ['wsgi.input']): Promise<number> {
  let length = 0
  for (;;) {
    const bytes = await input.read(65536)
    if (bytes.length === 0) return length
    length += bytes.length
  }
}

/** The answer's text to what was asked. */
export async function takeOrder(
  method: string,
  id: string,
  readBody: () => Promise<number>,
): Promise<string> {
  if (method === 'POST') {
    const length = await readBody()
    writeSync(book, `begun ${id} ${process.pid}\n`)
    await delay(POST_DELAY_MS)
    writeSync(book, `done ${id} ${process.pid}\n`)
    return orderReceipt(id, length)
  }
  if (method === 'PUT') return putReceipt(id, await readBody())
  if (Number(id) % 8 === 0) await delay(GET_DELAY_MS)
  return itemBody(id)
}

export const application: Application = async (environ, startResponse) => {
  const id = /(?:^|&)id=(\d+)/.exec(environ.QUERY_STRING ?? '')?.[1] ?? ''
  const text = await takeOrder(environ.REQUEST_METHOD, id, () => readLength(environ['wsgi.input']))
  startResponse('200 OK', [
    ['Content-Type', 'text/plain'],
    ['Content-Length', String(text.length)],
    ['X-Process', String(process.pid)],
    ['X-Release', release],
  ])
  return [Buffer.from(text, 'latin1')]
}

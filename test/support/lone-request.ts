/** One request on a connection of its own, until that ends: what a server in trouble answered, if it did at all. */
import { connect } from 'node:net'

export interface LoneAnswer {
  /** 0 when the connection ended, or was refused, before a status line came. */
  readonly status: number
  readonly head: string
  /** As it came: neither chunks nor an end that is missing are looked at. */
  readonly body: string
}

/** Never rejects: a connection that breaks gives what came before. */
export function askAlone(port: number, path: string, method = 'GET'): Promise<LoneAnswer> {
  const { promise, resolve } = Promise.withResolvers<LoneAnswer>()
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('connect', () =>
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`),
  )
  socket.on('data', (bytes) => (text += bytes.toString('latin1')))
  socket.on('error', () => undefined)
  socket.on('close', () => {
    const [head = '', ...body] = text.split('\r\n\r\n')
    resolve({ status: Number(head.slice(9, 12)), head, body: body.join('\r\n\r\n') })
  })
  return promise
}

/** The runtime's own parser (llhttp) of responses, behind node:http's client, to compare with. */
import { request as httpRequest } from 'node:http'
import { Duplex } from 'node:stream'

export interface NodeAnswer {
  readonly status: number
  readonly headers: readonly string[]
  readonly body: string
}

/** The answer, or llhttp's code where there is none that is whole. */
export function askNode(bytes: Buffer, method: string): Promise<NodeAnswer | string> {
  const { promise, resolve } = Promise.withResolvers<NodeAnswer | string>()
  const fail = (error: NodeJS.ErrnoException): void => resolve(error.code ?? error.message)
  const request = httpRequest({ method, createConnection: () => upstream(bytes) })
  request.on('error', fail)
  request.on('upgrade', (_response, socket) => {
    socket.destroy()
    resolve('upgrade')
  })
  request.on('response', (response) => {
    let body = ''
    response.setEncoding('latin1')
    response.on('data', (text: string) => (body += text))
    response.on('error', fail)
    response.on('end', () => {
      const raw = response.rawHeaders
      const headers = raw.flatMap((name, index) =>
        index % 2 === 0 ? [`${name}: ${raw[index + 1] ?? ''}`] : [],
      )
      resolve(response.complete ? { status: response.statusCode ?? 0, headers, body } : 'incomplete')
    })
  })
  request.end()
  return promise
}

/** Takes the request, then sends the bytes and closes. */
function upstream(bytes: Buffer): Duplex {
  let answered = false
  return new Duplex({
    read: () => undefined,
    write(_chunk, _encoding, done) {
      if (!answered) {
        answered = true
        this.push(bytes)
        this.push(null)
      }
      done()
    },
  })
}

/** The application of orders as an HTTP server of its own: `node order-backend.ts HOST PORT`. Says "ready". */
import { createServer } from 'node:http'
import { takeOrder } from './order-application.ts'

const [host, port] = process.argv.slice(2)

const server = createServer((request, response) => {
  const id = /[?&]id=(\d+)/.exec(request.url ?? '')?.[1] ?? ''
  const readBody = async (): Promise<number> => {
    let length = 0
    for await (const bytes of request) length += (bytes as Buffer).length
    return length
  }
  takeOrder(request.method ?? 'GET', id, readBody).then(
    (text) => {
      const fields = { 'Content-Length': text.length, 'X-Process': process.pid }
      response.writeHead(200, fields).end(text, 'latin1')
    },
    () => response.destroy(),
  )
})
server.keepAliveTimeout = 0
server.listen(Number(port), host, () => process.stdout.write('ready\n'))

/** `node serve-static-server.ts FOLDER PORT`: Express's file server under node:http. */
import { createRequire } from 'node:module'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

type Handler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

const [folder, port] = process.argv.slice(2)
const serveStatic = createRequire(import.meta.url)('serve-static') as (folder: string) => Handler
const serve = serveStatic(folder ?? '.')
const server = createServer((request, response) => {
  serve(request, response, () => {
    response.statusCode = 404
    response.end()
  })
})
server.keepAliveTimeout = 600_000
server.listen(Number(port), '127.0.0.1')

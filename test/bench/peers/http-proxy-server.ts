/** `node http-proxy-server.ts ORIGIN_PORT PORT`: the proxy that node's programs use, with kept connections. */
import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'

interface Proxy {
  web(request: IncomingMessage, response: ServerResponse): void
  on(
    name: 'error',
    listener: (error: Error, request: IncomingMessage, response: ServerResponse) => void,
  ): void
}

const [origin, port] = process.argv.slice(2)
const { createProxyServer } = createRequire(import.meta.url)('http-proxy') as {
  readonly createProxyServer: (options: object) => Proxy
}
const agent = new Agent({ keepAlive: true, maxSockets: 128 })
const proxy = createProxyServer({ target: `http://127.0.0.1:${origin}`, agent })
proxy.on('error', (_error, _request, response) => response.writeHead(502).end())
const server = createServer((request, response) => proxy.web(request, response))
server.keepAliveTimeout = 600_000
server.listen(Number(port), '127.0.0.1')

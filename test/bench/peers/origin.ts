/**
 * `node origin.ts PORT`: what fronts speak to. Takes a body whole and answers 200; switches to websockets and sends
 * each message back: a message is one masked frame of so many bytes that MESSAGE_FRAME_BYTES says.
 */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { ECHO_BYTES, MESSAGE_FRAME_BYTES } from './websocket-frames.ts'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const echo = Buffer.concat([Buffer.from([0x82, ECHO_BYTES - 2]), Buffer.alloc(ECHO_BYTES - 2, 'x')])

const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => response.end('taken\n'))
})
server.keepAliveTimeout = 600_000
server.maxRequestsPerSocket = 0
server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key'] ?? ''}${GUID}`)
    .digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
  let taken = 0
  socket.on('data', (bytes: Buffer) => {
    taken += bytes.length
    for (; taken >= MESSAGE_FRAME_BYTES; taken -= MESSAGE_FRAME_BYTES) socket.write(echo)
  })
  socket.on('error', () => socket.destroy())
  socket.on('end', () => socket.end())
})
server.listen(Number(process.argv[2]), '127.0.0.1')

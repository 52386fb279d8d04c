/**
 * `node websocket-client.ts PORT PATH COUNT SECONDS`: opens so many websockets and says `ready`; then each sends a
 * message, and the next when it is back. Prints how many came back in the time, and how many sockets failed.
 */
import { connect, type Socket } from 'node:net'
import { ECHO_BYTES, MESSAGE_FRAME } from './websocket-frames.ts'

const [port, path = '/', count, seconds] = process.argv.slice(2)
const sockets: Socket[] = []
const OPENING = 100
let messages = 0
let failures = 0
let over = false

function open(): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket = connect(Number(port), '127.0.0.1', () =>
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    ),
  )
  socket.setNoDelay(true)
  let isOpen = false
  let taken = 0
  socket.on('data', (bytes: Buffer) => {
    if (!isOpen) {
      const head = bytes.toString('latin1')
      if (!head.startsWith('HTTP/1.1 101') || !head.includes('\r\n\r\n')) reject(new Error(head))
      isOpen = true
      sockets.push(socket)
      resolve()
      return
    }
    taken += bytes.length
    if (taken < ECHO_BYTES) return
    taken -= ECHO_BYTES
    messages += 1
    socket.write(MESSAGE_FRAME)
  })
  const failed = (error?: Error): void => {
    if (!over) failures += 1
    reject(error ?? new Error('closed'))
  }
  socket.on('error', failed)
  socket.on('close', () => failed())
  return promise
}

for (let opened = 0; opened < Number(count); opened += OPENING)
  await Promise.all(Array.from({ length: Math.min(OPENING, Number(count) - opened) }, open))
process.stdout.write('ready\n')
for (const socket of sockets) socket.write(MESSAGE_FRAME)
setTimeout(
  () => {
    over = true
    process.stdout.write(`${JSON.stringify({ messages, failures })}\n`, () => process.exit(0))
  },
  Number(seconds) * 1000,
)

/**
 * `node idle-client.ts PORT COUNT`: opens so many connections, has one answer on each and keeps them. Says `ready`;
 * ends with its input. A connection that the server closes ends the program with 1.
 */
import { connect } from 'node:net'

const [port, count] = process.argv.slice(2).map(Number)
const PARALLEL = 200
let ready = 0
let opened = 0

function open(): void {
  if (opened >= (count ?? 0)) return
  opened += 1
  const socket = connect(port ?? 0, '127.0.0.1', () =>
    socket.write('GET /1k.html HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  )
  let taken = 0
  socket.on('data', (bytes: Buffer) => {
    const before = taken
    taken += bytes.length
    if (before >= 1024 || taken < 1024) return // the head comes with or before the 1,024 bytes
    ready += 1
    open()
    if (ready === count) process.stdout.write('ready\n')
  })
  socket.on('error', fail)
  socket.on('end', () => fail(new Error('the server closed an idle connection')))
}

function fail(error: Error): never {
  process.stderr.write(`idle-client: ${error.message} (${ready} of ${count} ready)\n`)
  process.exit(1)
}

for (let index = 0; index < PARALLEL; index += 1) open()
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))

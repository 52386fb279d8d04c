/**
 * `syslog:` as a place for lines: datagrams of RFC 3164 as nginx writes them, to a UDP port. A unix socket is spoken
 * to as a stream: the runtime has no datagrams there. What cannot be sent is dropped: logging never holds a request.
 */
import { createSocket, type Socket as DatagramSocket } from 'node:dgram'
import { createConnection, type Socket } from 'node:net'
import { formatSyslogHeader, type SyslogTarget } from './syslog-message.ts'

/** Bytes that may wait for a stream before lines are dropped. */
const MAX_PENDING_BYTES = 1 << 20

interface Transport {
  readonly dropped: number
  send(message: string): void
  close(): void
}

export class SyslogLog {
  readonly path: string
  readonly #target: SyslogTarget
  readonly #hostname: string
  readonly #transport: Transport

  constructor(path: string, target: SyslogTarget, hostname: string) {
    this.path = path
    this.#target = target
    this.#hostname = hostname
    const { server } = target
    this.#transport =
      server.kind === 'unix'
        ? new StreamTransport(server.path)
        : new DatagramTransport(server.host, server.port)
  }

  write(line: string): void {
    const header = formatSyslogHeader(this.#target, line, this.#hostname, new Date())
    this.#transport.send(header + (line.endsWith('\n') ? line.slice(0, -1) : line))
  }

  get droppedLines(): number {
    return this.#transport.dropped
  }

  writeSoon(line: string): void {
    this.write(line)
  }

  reopen(): void {}

  flush(): void {}

  close(): void {
    this.#transport.close()
  }
}

class DatagramTransport implements Transport {
  /** What is sent and lost nobody hears of. */
  readonly dropped = 0
  readonly #host: string
  readonly #port: number
  readonly #socket: DatagramSocket

  constructor(host: string, port: number) {
    this.#host = host
    this.#port = port
    this.#socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    this.#socket.on('error', () => undefined)
    this.#socket.unref()
  }

  send(message: string): void {
    this.#socket.send(message, this.#port, this.#host, ignore)
  }

  close(): void {
    this.#socket.close()
  }
}

/** Connects when there is something to say, and anew when the reader was gone. */
class StreamTransport implements Transport {
  dropped = 0
  readonly #path: string
  #socket: Socket | undefined

  constructor(path: string) {
    this.#path = path
  }

  send(message: string): void {
    this.#socket ??= this.#connect()
    if (this.#socket.writableLength < MAX_PENDING_BYTES) this.#socket.write(`${message}\n`)
    else this.dropped += 1
  }

  close(): void {
    this.#socket?.destroy()
  }

  #connect(): Socket {
    const socket = createConnection(this.#path)
    socket.on('error', () => undefined)
    socket.on('close', () => (this.#socket = undefined))
    socket.unref()
    return socket
  }
}

function ignore(): void {}

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type * as dialModule from '../../src/io/dial.ts'
import { dialTransport, type DialOwner } from '../../src/io/dial.ts'
import type { SocketAddress } from '../../src/io/socket-address.ts'
import { takeHandle } from '../../src/io/stream-handle.ts'
import type { Transport } from '../../src/io/transport.ts'
import { freePort } from '../support/free-port.ts'

class Owner implements DialOwner {
  readonly calls: string[] = []
  received = ''
  readonly connected = Promise.withResolvers<Transport>()
  readonly ended = Promise.withResolvers<void>()
  readonly closed = Promise.withResolvers<NodeJS.ErrnoException | undefined>()

  onConnect(transport: Transport): void {
    this.calls.push('connect')
    this.connected.resolve(transport)
  }

  onData(bytes: Buffer): void {
    this.received += bytes.latin1Slice(0, bytes.length)
  }

  onEnd(): void {
    this.calls.push('end')
    this.ended.resolve()
  }

  onDrain(): void {
    this.calls.push('drain')
  }

  onClose(error: NodeJS.ErrnoException | undefined): void {
    this.calls.push('close')
    this.closed.resolve(error)
  }
}

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

/** Sends back what it gets, and its end after ours. */
async function echoServer(path?: string): Promise<SocketAddress> {
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  server.listen(path ?? { port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  cleanups.push(() => server.close())
  if (path !== undefined) return { kind: 'unix', path }
  return tcp((server.address() as AddressInfo).port)
}

const tcp = (port: number): SocketAddress => ({ kind: 'tcp', host: '127.0.0.1', port })

function socketPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dial-'))
  cleanups.push(() => rmSync(folder, { recursive: true }))
  return join(folder, 'a.sock')
}

/** The module as it is on a runtime that gives no handles. */
async function dialWithoutHandles(): Promise<typeof dialModule> {
  const holder = process as { binding?: unknown }
  const { binding } = holder
  holder.binding = undefined
  vi.resetModules()
  try {
    return await import('../../src/io/dial.ts')
  } finally {
    holder.binding = binding
  }
}

const WAYS = {
  handle: () => Promise.resolve(dialTransport),
  socket: async () => (await dialWithoutHandles()).dialTransport,
}

describe.each(Object.entries(WAYS))('a connection dialled by %s', (way, dialler) => {
  it.each(['tcp', 'unix'] as const)('gives bytes in both directions, and its end, over %s', async (kind) => {
    const address = await echoServer(kind === 'unix' ? socketPath() : undefined)
    const owner = new Owner()
    const first = (await dialler())(address, undefined, owner)
    const transport = await owner.connected.promise
    expect(transport.lendsBytes).toBe(way === 'handle')
    expect(first === transport).toBe(way === 'socket')
    transport.write('caf\u00e9 ')
    transport.write(Buffer.from('bytes'))
    transport.end()
    await owner.ended.promise
    expect(owner.received).toBe('caf\u00e9 bytes')
    expect(transport.bytesWritten).toBe(10)
    transport.destroy()
    expect(await owner.closed.promise).toBeUndefined()
    expect(owner.calls).toEqual(['connect', 'end', 'close'])
  })

  it('says once why it could not be made', async () => {
    const owner = new Owner()
    ;(await dialler())(tcp(await freePort()), undefined, owner)
    expect((await owner.closed.promise)?.code).toBe('ECONNREFUSED')
    expect(owner.calls).toEqual(['close'])
  })

  it('is never made when it is given up before', async () => {
    const owner = new Owner()
    ;(await dialler())(await echoServer(), undefined, owner).destroy()
    expect(await owner.closed.promise).toBeUndefined()
    expect(owner.calls).toEqual(['close'])
  })
})

describe('takeHandle', () => {
  it('leaves a socket alone that was written to before', async () => {
    const address = await echoServer(socketPath())
    const socket = connect(address.kind === 'unix' ? address.path : '')
    socket.on('error', () => undefined)
    cleanups.push(() => socket.destroy())
    socket.write(Buffer.alloc(3_000_000))
    await once(socket, 'connect')
    expect(takeHandle(socket)).toBeUndefined()
    const [echo] = (await once(socket, 'data')) as [Buffer]
    expect(echo.length).toBeGreaterThan(0)
  })

  it('has none of a socket that is not connected', () => {
    const socket = connect({ port: 1, host: '127.0.0.1' }).on('error', () => undefined)
    cleanups.push(() => socket.destroy())
    expect(takeHandle(socket)).toBeUndefined()
  })
})

import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Connection, type ConnectionOwner } from '../../src/io/connection.ts'
import { HandleTransport } from '../../src/io/handle-transport.ts'
import { acceptHandles, streamBinding } from '../../src/io/stream-handle.ts'
import type { Transport } from '../../src/io/transport.ts'

/** Notes what it is called with; does what a test says on data. */
class Owner implements ConnectionOwner {
  readonly calls: string[] = []
  received = ''
  onBytes: ((text: string) => void) | undefined
  whenDrained: (() => void) | undefined
  readonly closed = Promise.withResolvers<NodeJS.ErrnoException | undefined>()
  readonly ended = Promise.withResolvers<void>()
  readonly heard = Promise.withResolvers<void>()

  onData(bytes: Buffer): void {
    this.received += bytes.latin1Slice(0, bytes.length)
    this.heard.resolve()
    this.onBytes?.(this.received)
  }

  onEnd(): void {
    this.calls.push('end')
    this.ended.resolve()
  }

  onDrain(): void {
    this.calls.push('drain')
    this.whenDrained?.()
  }

  onClose(error: NodeJS.ErrnoException | undefined): void {
    this.calls.push('close')
    this.closed.resolve(error)
  }
}

type Open = (server: Server, owner: Owner) => Promise<Transport>

const WAYS: Readonly<Record<'socket' | 'handle', Open>> = {
  socket: (server, owner) => {
    const { promise, resolve } = Promise.withResolvers<Transport>()
    server.once('connection', (socket: Socket) => resolve(new Connection(socket, owner)))
    return promise
  },
  handle: (server, owner) => {
    const { promise, resolve } = Promise.withResolvers<Transport>()
    const taken = acceptHandles(server, (handle) => resolve(new HandleTransport(handle).start(owner)))
    expect(taken).toBe(true)
    return promise
  },
}

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

async function pair(
  open: Open,
  path?: string,
): Promise<{ owner: Owner; transport: Transport; client: Socket }> {
  const server = createServer({ allowHalfOpen: true, noDelay: true })
  server.listen(path ?? { port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const owner = new Owner()
  const accepted = open(server, owner)
  const at = path ?? (server.address() as AddressInfo).port
  const client = typeof at === 'string' ? connect(at) : connect({ port: at, allowHalfOpen: true })
  client.on('error', () => undefined)
  const transport = await accepted
  cleanups.push(
    () => server.close(),
    () => client.destroy(),
    () => transport.destroy(),
  )
  return { owner, transport, client }
}

function read(client: Socket): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  client.on('data', (chunk: Buffer) => chunks.push(chunk))
  client.on('end', () => resolve(Buffer.concat(chunks)))
  return promise
}

it('has the handles on this runtime', () => {
  expect(streamBinding).toBeDefined()
})

it('leaves a server alone that has no handle', () => {
  expect(acceptHandles(createServer(), () => undefined)).toBe(false)
})

describe.each(Object.entries(WAYS))('a transport by %s', (way, open) => {
  it('gives bytes in both directions, text as Latin-1', async () => {
    const { owner, transport, client } = await pair(open)
    const answer = read(client)
    client.write('hello')
    await owner.heard.promise
    expect(owner.received).toBe('hello')
    expect(transport.write('caf\u00e9 ')).toBe(true)
    expect(transport.write(Buffer.from('bytes'))).toBe(true)
    transport.end()
    expect((await answer).toString('latin1')).toBe('caf\u00e9 bytes')
  })

  it('keeps the order of what is corked, written meanwhile and after', async () => {
    const { owner, transport, client } = await pair(open)
    const answer = read(client)
    client.write('x')
    await owner.heard.promise
    const large = Buffer.alloc(3_000_000, 'b')
    transport.cork()
    transport.write('a')
    transport.write(large)
    transport.write('c')
    transport.uncork()
    transport.write('d')
    transport.write(Buffer.from('e'))
    transport.end()
    const got = await answer
    expect(got.length).toBe(large.length + 4)
    expect(got.subarray(0, 2).toString()).toBe('ab')
    expect(got.subarray(-4).toString()).toBe('bcde')
  })

  it('says when to stop, and once all has left, that it has', async () => {
    const { owner, transport, client } = await pair(open)
    client.pause()
    let writes = 1
    const chunk = Buffer.alloc(256 * 1024)
    while (transport.write(chunk) && writes < 1000) writes += 1
    expect(writes).toBeLessThan(1000)
    expect(transport.pendingBytes).toBeGreaterThan(0)
    const unsent = transport.unsentBytes
    const drained = new Promise<void>((resolve) => (owner.whenDrained = resolve))
    expect(owner.calls).toEqual([])
    const answer = read(client)
    client.resume()
    await drained
    expect(transport.pendingBytes).toBe(0)
    expect(transport.unsentBytes).toBeLessThan(unsent)
    transport.end()
    expect((await answer).length).toBe(writes * chunk.length)
  })

  it('does not ask to wait where all that was corked left at once', async () => {
    const { owner, transport, client } = await pair(open)
    const answer = read(client)
    transport.cork()
    transport.write(Buffer.alloc(70_000, 'x'))
    const more = transport.write('end')
    transport.uncork()
    if (!more) await new Promise<void>((resolve) => (owner.whenDrained = resolve))
    transport.end()
    expect((await answer).length).toBe(70_003)
  })

  it('answers after the peer has ended its side, and closes when both have', async () => {
    const { owner, transport, client } = await pair(open)
    const answer = read(client)
    client.end('last words')
    await owner.ended.promise
    expect(owner.received).toBe('last words')
    expect(transport.destroyed).toBe(false)
    transport.write('answer')
    transport.end()
    expect((await answer).toString()).toBe('answer')
    expect(await owner.closed.promise).toBeUndefined()
    expect(owner.calls).toEqual(['end', 'close'])
  })

  it('sends all before it closes soon', async () => {
    const { owner, transport, client } = await pair(open)
    client.pause()
    const chunk = Buffer.alloc(4_000_000, 'z')
    transport.write(chunk)
    transport.destroySoon()
    expect(transport.write('more')).toBe(false)
    const answer = read(client)
    client.resume()
    expect((await answer).length).toBe(chunk.length)
    await owner.closed.promise
  })

  it('reads no more while paused', async () => {
    const { owner, transport, client } = await pair(open)
    transport.pause()
    client.write('held')
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(owner.received).toBe('')
    transport.resume()
    await owner.heard.promise
    expect(owner.received).toBe('held')
  })

  it('names the error of a peer that resets', async () => {
    const { owner, transport, client } = await pair(open)
    client.write('x')
    await owner.heard.promise
    transport.write('unread')
    client.resetAndDestroy()
    const error = await owner.closed.promise
    expect(error?.code).toBe('ECONNRESET')
    expect(error?.syscall).toBe('read')
    expect(transport.destroyed).toBe(true)
    expect(transport.write('x')).toBe(false)
    expect(owner.calls).toEqual(['close'])
  })

  it('resets', async () => {
    const { owner, transport, client } = await pair(open)
    const failed = once(client, 'error')
    transport.reset()
    await owner.closed.promise
    expect(((await failed)[0] as NodeJS.ErrnoException).code).toBe('ECONNRESET')
  })

  it('costs a throwing owner its connection only', async () => {
    const { owner, client } = await pair(open)
    owner.onBytes = () => {
      throw new TypeError('a bug')
    }
    client.write('x')
    const error = await owner.closed.promise
    expect(error).toBeInstanceOf(TypeError)
    expect(error?.syscall).toBeUndefined()
  })

  it('lets its bytes be kept only as it says', async () => {
    const { owner, transport, client } = await pair(open)
    expect(transport.lendsBytes).toBe(way === 'handle')
    const texts: string[] = []
    owner.onBytes = (text) => {
      texts.push(text)
      transport.write('+')
    }
    client.on('data', () => {
      if (texts.length < 3) client.write(String(texts.length))
      else client.end()
    })
    client.write('0')
    await owner.ended.promise
    expect(texts).toEqual(['0', '01', '012'])
  })

  it('works on unix-domain sockets', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portico-transport-'))
    cleanups.push(() => rmSync(folder, { recursive: true }))
    const { owner, transport, client } = await pair(open, join(folder, 's'))
    const answer = read(client)
    client.write('over a path')
    await owner.heard.promise
    transport.write('and back')
    transport.reset()
    await owner.closed.promise
    expect((await answer).toString()).toBe('and back')
  })
})

describe('a handle', () => {
  it('knows both ends, the local one after it was closed too', async () => {
    const { owner, transport, client } = await pair(WAYS.handle)
    if (!(transport instanceof HandleTransport)) throw new Error('no handle')
    expect(transport.remoteAddress).toBe('127.0.0.1')
    expect(transport.remotePort).toBe(client.localPort)
    transport.destroy()
    await owner.closed.promise
    expect(transport.localAddress).toBe('127.0.0.1')
    expect(transport.localPort).toBe(client.remotePort)
  })
})

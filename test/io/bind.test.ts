import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bindSocket } from '../../src/io/bind.ts'
import { probeAddress } from '../../src/io/probe-address.ts'

let directory: string
const servers: Server[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bind-'))
})

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
  rmSync(directory, { recursive: true })
})

function unix(name: string) {
  return { kind: 'unix', path: join(directory, name) } as const
}

async function listenOn(where: { path: string } | { host: string; port: number }): Promise<number> {
  const server = createServer((socket) => socket.destroy())
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(where, resolve))
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

test('a TCP socket says the port it got and holds it until it is closed', async () => {
  const socket = await bindSocket({ kind: 'tcp', host: '127.0.0.1', port: 0 })
  expect(socket.address).toMatchObject({ host: '127.0.0.1' })
  expect(socket.address.kind === 'tcp' && socket.address.port).toBeGreaterThan(1023)
  expect(socket.fd).toBeGreaterThan(2)
  expect(await probeAddress(socket.address)).toBe('ECONNREFUSED')
  socket.close()
})

test('a name is resolved', async () => {
  const socket = await bindSocket({ kind: 'tcp', host: 'localhost', port: 0 })
  expect(socket.address.kind === 'tcp' && ['127.0.0.1', '::1'].includes(socket.address.host)).toBe(true)
  socket.close()
})

test('a busy port says the address and who listens there', async () => {
  const port = await listenOn({ host: '127.0.0.1', port: 0 })
  await expect(bindSocket({ kind: 'tcp', host: '127.0.0.1', port })).rejects.toThrow(
    new RegExp(
      `^bind\\(\\) to 127\\.0\\.0\\.1:${port} failed \\(98: Address already in use\\), process ${process.pid} \\(.+\\) listens there$`,
    ),
  )
})

test('an address of another machine is refused by name', async () => {
  await expect(bindSocket({ kind: 'tcp', host: '192.0.2.1', port: 0 })).rejects.toThrow(
    'bind() to 192.0.2.1:0 failed (99: Cannot assign requested address)',
  )
})

test('a unix socket has its mode, leaves no temporary name, and goes with its binder', async () => {
  const socket = await bindSocket(unix('a.sock'), { mode: 0o600 })
  expect(readdirSync(directory)).toEqual(['a.sock'])
  expect(statSync(join(directory, 'a.sock')).mode & 0o777).toBe(0o600)
  socket.close()
  expect(readdirSync(directory)).toEqual([])
})

test('missing folders are made on demand only', async () => {
  await expect(bindSocket(unix('x/y/a.sock'))).rejects.toThrow('failed (')
  const socket = await bindSocket(unix('x/y/a.sock'), { makeDirectory: true })
  expect(statSync(join(directory, 'x/y')).mode & 0o777).toBe(0o700)
  socket.close()
})

test('a left-over path that nobody answers on is replaced', async () => {
  const dead = await bindSocket(unix('a.sock'))
  const inode = statSync(join(directory, 'a.sock')).ino
  const socket = await bindSocket(unix('a.sock'))
  expect(statSync(join(directory, 'a.sock')).ino).not.toBe(inode)
  dead.close()
  expect(existsSync(join(directory, 'a.sock'))).toBe(true)
  socket.close()
})

test('a path that somebody answers on is not', async () => {
  await listenOn({ path: join(directory, 'a.sock') })
  await expect(bindSocket(unix('a.sock'))).rejects.toThrow(
    `(98: Address already in use), process ${process.pid} (`,
  )
  const client = connect(join(directory, 'a.sock'))
  await new Promise((resolve) => client.once('connect', resolve))
  client.destroy()
})

test.each([
  ['a file', (path: string) => writeFileSync(path, 'precious')],
  ['a link', (path: string) => symlinkSync('/etc/passwd', path)],
])('%s in the way is left alone', async (_, make) => {
  make(join(directory, 'a.sock'))
  await expect(bindSocket(unix('a.sock'))).rejects.toThrow('the path exists and is no socket')
  expect(readdirSync(directory)).toEqual(['a.sock'])
})

test('a path too long for the kernel is refused, one at its limit is not', async () => {
  const name = (bytes: number): string => 'x'.repeat(bytes - directory.length - 1)
  await expect(bindSocket(unix(name(108)))).rejects.toThrow('at most 107 bytes')
  const socket = await bindSocket(unix(name(107)))
  expect(readdirSync(directory)).toEqual([name(107)])
  socket.close()
})

/** Which unix sockets are of datagrams. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isDatagramSocket } from '../../src/io/datagram-socket.ts'
import { describeWithPeer } from '../support/peer.ts'

const TABLE = `Num       RefCount Protocol Flags    Type St Inode Path
00000000330478df: 00000003 00000000 00000000 0001 03 6711283
000000007cde1fd9: 00000002 00000000 00010000 0001 01 6720890 /run/stream
000000007cde1fda: 00000002 00000000 00000000 0002 01   20891 /run/datagram
000000007cde1fdb: 00000002 00000000 00000000 0002 01   20892 /run/a b
`

describe('A socket in the table', () => {
  it.each([
    ['/run/datagram', true],
    ['/run/a b', true],
    ['/run/stream', false],
    ['/run/none', false],
    ['/run/data', false],
    ['', false],
  ])('%s: %s', (path, expected) => {
    expect(isDatagramSocket(path, TABLE)).toBe(expected)
  })
})

it('of a stream is none of datagrams', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'portico-socket-'))
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(join(folder, 's'), resolve))
  expect(isDatagramSocket(join(folder, 's'))).toBe(false)
  server.close()
  rmSync(folder, { recursive: true })
})

const BIND =
  'import socket, sys; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1]); print(1, flush=True); sys.stdin.read()'

describeWithPeer('python3', 'A socket of another program', (python) => {
  it('is found by its name, and by a link to it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portico-socket-'))
    const child = spawn(python, ['-c', BIND, join(folder, 's')], { stdio: ['pipe', 'pipe', 'inherit'] })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    symlinkSync('s', join(folder, 'link'))
    expect(isDatagramSocket(join(folder, 's'))).toBe(true)
    expect(isDatagramSocket(join(folder, 'link'))).toBe(true)
    child.stdin.end()
    rmSync(folder, { recursive: true })
  })
})

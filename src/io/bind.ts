/**
 * Sockets that are bound here and listened on elsewhere: a master binds, its workers inherit the descriptor and call
 * listen(2), so that the accept queue outlives every one of them.
 *
 * `net._createServerHandle` is what node:cluster uses for the same purpose; it has no public name.
 */
import { randomBytes } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { chmodSync, chownSync, closeSync, existsSync, lstatSync, renameSync, rmSync } from 'node:fs'
import net, { isIP } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { getSystemErrorName } from 'node:util'
import { strerror } from '../util/strerror.ts'
import { findListeningProcess } from './listening-process.ts'
import { makePrivateFolder, type Owner } from './owned-path.ts'
import { probeAddress } from './probe-address.ts'
import { formatSocketAddress, MAX_UNIX_PATH_BYTES } from './socket-address.ts'
import type { SocketAddress, TcpAddress, UnixAddress } from './socket-address.ts'

export interface BindOptions {
  /** Permission bits of a unix socket, 0o666 by default as nginx makes it. */
  readonly mode?: number
  /** Makes missing parent folders of a unix socket, for the owner only. */
  readonly makeDirectory?: boolean
  /** Whose a unix socket becomes, and a folder that is made for it. */
  readonly owner?: Owner
}

/** A socket could not be bound. `code` is the system's; the message is nginx's line. */
class BindError extends Error {
  readonly code: string
  readonly address: SocketAddress

  constructor(address: SocketAddress, code: string, message: string) {
    super(`bind() to ${formatSocketAddress(address)} failed ${message}`)
    this.name = 'BindError'
    this.code = code
    this.address = address
  }
}

interface ServerHandle {
  readonly fd: number
  close(): void
  /** TCP only. libuv holds EADDRINUSE of bind(2) back and says it here. */
  getsockname?(out: { address?: string; port?: number }): number
}

type CreateServerHandle = (
  address: string,
  port: number,
  addressType: number,
  fd: undefined,
  flags: number,
) => ServerHandle | number

const createServerHandle = (net as unknown as { _createServerHandle: CreateServerHandle })._createServerHandle

/** UV_TCP_IPV6ONLY: `[::]:80` and `*:80` stand side by side, as `ipv6only=on` is nginx's default. */
const IPV6_ONLY = 1

/** As libuv counts errors. */
const ENOENT = -2

class BoundSocket {
  /** With the port that the system chose. */
  readonly address: SocketAddress
  readonly #handle: ServerHandle
  readonly #inode: number | undefined

  constructor(handle: ServerHandle, address: SocketAddress) {
    this.#handle = handle
    this.address = address
    this.#inode = address.kind === 'unix' ? lstatSync(address.path).ino : undefined
  }

  /** Valid until `close()`; inherited by children as a stdio descriptor. */
  get fd(): number {
    return this.#handle.fd
  }

  /** Gives up this process's hold of the socket and, unless it is kept, removes its path if it still is this socket's. */
  close(keepsPath = false): void {
    this.#handle.close()
    if (!keepsPath) removePath(this.address, this.#inode)
  }
}

/** A socket that another process bound and handed down as a descriptor. */
class AdoptedSocket {
  readonly fd: number
  readonly address: SocketAddress
  readonly #inode: number | undefined

  constructor(fd: number, address: SocketAddress) {
    this.fd = fd
    this.address = address
    this.#inode =
      address.kind === 'unix' ? lstatSync(address.path, { throwIfNoEntry: false })?.ino : undefined
  }

  close(keepsPath = false): void {
    closeSync(this.fd)
    if (!keepsPath) removePath(this.address, this.#inode)
  }
}

function removePath(address: SocketAddress, inode: number | undefined): void {
  if (address.kind !== 'unix' || inode === undefined) return
  const stats = lstatSync(address.path, { throwIfNoEntry: false })
  if (stats?.ino === inode) rmSync(address.path, { force: true })
}

export function adoptSocket(fd: number, address: SocketAddress): AdoptedSocket {
  return new AdoptedSocket(fd, address)
}

/**
 * @throws BindError
 */
export async function bindSocket(address: SocketAddress, options: BindOptions = {}): Promise<BoundSocket> {
  return address.kind === 'unix' ? bindUnix(address, options) : bindTcp(address)
}

async function bindTcp(address: TcpAddress): Promise<BoundSocket> {
  const host = await numericHost(address)
  const family = isIP(host)
  const handle = createServerHandle(
    host,
    address.port,
    family,
    undefined,
    family === 6 && !address.dualStack ? IPV6_ONLY : 0,
  )
  if (typeof handle === 'number') throw failure(address, handle)
  const name: { address?: string; port?: number } = {}
  const errno = handle.getsockname?.(name) ?? 0
  if (errno !== 0) {
    handle.close()
    throw failure({ ...address, host }, errno)
  }
  return new BoundSocket(handle, { kind: 'tcp', host, port: name.port ?? address.port })
}

async function numericHost(address: TcpAddress): Promise<string> {
  if (isIP(address.host) !== 0) return address.host
  try {
    return (await lookup(address.host)).address
  } catch (error) {
    throw new BindError(address, 'ENOTFOUND', `(host not found: ${strerror(error)})`)
  }
}

/**
 * libuv unlinks the path it bound when the handle closes, and between bind(2) and chmod(2) the mode would be the
 * umask's: the socket is made under a temporary name and renamed when it is right.
 */
async function bindUnix(address: UnixAddress, options: BindOptions): Promise<BoundSocket> {
  if (options.makeDirectory) makePrivateFolder(dirname(address.path), options.owner)
  await refuseOccupied(address)
  return placeUnix(address, options)
}

/**
 * A unix socket at a path that was this process's a moment ago, whatever is there now.
 *
 * @throws BindError
 */
export function rebindSocket(address: SocketAddress, options: BindOptions = {}): BoundSocket {
  if (address.kind !== 'unix') throw new TypeError('a unix socket is bound anew, a port is not')
  if (options.makeDirectory) makePrivateFolder(dirname(address.path), options.owner)
  return placeUnix(address, options)
}

function placeUnix(address: UnixAddress, options: BindOptions): BoundSocket {
  const temporary = temporaryName(address)
  const handle = createServerHandle(temporary, -1, -1, undefined, 0)
  if (typeof handle === 'number') {
    // libuv says EACCES where the system says ENOENT
    throw failure(address, existsSync(dirname(address.path)) ? handle : ENOENT)
  }
  try {
    chmodSync(temporary, options.mode ?? 0o666)
    if (options.owner) chownSync(temporary, options.owner.uid, options.owner.gid)
    renameSync(temporary, address.path)
  } catch (error) {
    handle.close()
    throw new BindError(address, errorCode(error), `(${strerror(error)})`)
  }
  return new BoundSocket(handle, address)
}

function temporaryName(address: UnixAddress): string {
  if (Buffer.byteLength(address.path) > MAX_UNIX_PATH_BYTES)
    throw new BindError(
      address,
      'ENAMETOOLONG',
      `(a unix socket's path has at most ${MAX_UNIX_PATH_BYTES} bytes)`,
    )
  const long = join(dirname(address.path), `.${basename(address.path)}.${randomBytes(4).toString('hex')}`)
  if (Buffer.byteLength(long) <= MAX_UNIX_PATH_BYTES) return long
  return join(dirname(address.path), randomBytes(3).toString('hex'))
}

/** A path that nobody answers on is left over from a crash and may be replaced; anything else may not. */
async function refuseOccupied(address: UnixAddress): Promise<void> {
  const stats = lstatSync(address.path, { throwIfNoEntry: false })
  if (!stats) return
  if (!stats.isSocket()) throw new BindError(address, 'EEXIST', '(the path exists and is no socket)')
  const refusal = await probeAddress(address)
  if (refusal === 'ECONNREFUSED' || refusal === 'ENOENT') return
  if (refusal === undefined || refusal === 'EAGAIN') throw failure(address, -98)
  throw new BindError(address, refusal, `(${refusal} on asking who listens there)`)
}

function failure(address: SocketAddress, errno: number): BindError {
  const code = getSystemErrorName(errno)
  const reason = strerror(Object.assign(new Error(code), { code, errno }))
  const owner = code === 'EADDRINUSE' ? findListeningProcess(address) : undefined
  const who = owner ? `, process ${owner.pid} (${owner.name}) listens there` : ''
  return new BindError(address, code, `(${reason})${who}`)
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EIO'
}

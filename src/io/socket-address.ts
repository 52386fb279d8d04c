/**
 * Addresses of stream sockets as a conf writes them: `8080`, `127.0.0.1:8080`, `[::1]:8080`, `*:80`, `localhost`,
 * `unix:/run/demo.sock`.
 */
import { isIP } from 'node:net'

export interface UnixAddress {
  readonly kind: 'unix'
  /** Absolute, or relative to the working directory. */
  readonly path: string
}

export interface TcpAddress {
  readonly kind: 'tcp'
  /** IP address without brackets, or a name that is resolved when it is used. */
  readonly host: string
  /** 0 lets the system choose when binding. */
  readonly port: number
  /** An IPv6 wildcard that takes IPv4 connections too. */
  readonly dualStack?: boolean
}

export type SocketAddress = UnixAddress | TcpAddress

/** Linux's sun_path holds 108 bytes with the NUL. */
export const MAX_UNIX_PATH_BYTES = 107

const MAX_PORT = 65_535

/** The text is no address. The message lacks a trailing ` of the "listen" directive`. */
export class SocketAddressError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SocketAddressError'
  }
}

/**
 * `defaultPort` stands where the text names none.
 *
 * @throws SocketAddressError
 */
export function parseSocketAddress(text: string, defaultPort = 80): SocketAddress {
  if (text.startsWith('unix:')) return unixAddress(text)
  if (text.startsWith('[')) return bracketedAddress(text, defaultPort)
  if (/^[0-9]+$/.test(text)) return { kind: 'tcp', host: '0.0.0.0', port: parsePort(text, text) }
  const colon = text.lastIndexOf(':')
  const host = colon < 0 ? text : text.slice(0, colon)
  if (host === '') throw new SocketAddressError(`no host in "${text}"`)
  if (host.includes(':'))
    throw new SocketAddressError(`invalid host in "${text}", an IPv6 address stands in brackets`)
  const port = colon < 0 ? defaultPort : parsePort(text.slice(colon + 1), text)
  return { kind: 'tcp', host: host === '*' ? '0.0.0.0' : host, port }
}

function unixAddress(text: string): UnixAddress {
  const path = text.slice('unix:'.length)
  if (path === '') throw new SocketAddressError(`no path in the unix domain socket "${text}"`)
  if (Buffer.byteLength(path) > MAX_UNIX_PATH_BYTES)
    throw new SocketAddressError(`too long path in the unix domain socket "${text}"`)
  return { kind: 'unix', path }
}

function bracketedAddress(text: string, defaultPort: number): TcpAddress {
  const end = text.indexOf(']')
  const host = text.slice(1, end)
  if (end < 0 || isIP(host) !== 6) throw new SocketAddressError(`invalid IPv6 address in "${text}"`)
  const rest = text.slice(end + 1)
  if (rest !== '' && !rest.startsWith(':')) throw new SocketAddressError(`invalid port in "${text}"`)
  return { kind: 'tcp', host, port: rest === '' ? defaultPort : parsePort(rest.slice(1), text) }
}

function parsePort(digits: string, text: string): number {
  const port = /^[0-9]{1,5}$/.test(digits) ? Number(digits) : Infinity
  if (port > MAX_PORT) throw new SocketAddressError(`invalid port in "${text}"`)
  return port
}

/** nginx's text of an address, as it stands in messages and `$server_addr:$server_port`. */
export function formatSocketAddress(address: SocketAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}

/** Whether only this machine can reach it. A name is taken for what it says. */
export function isLocalAddress(address: SocketAddress): boolean {
  if (address.kind === 'unix') return true
  return address.host === 'localhost' || address.host === '::1' || address.host.startsWith('127.')
}

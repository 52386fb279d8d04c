/** The address of `*_bind`: an IP address, with a port or without. */
import { parseIp } from '../../util/ip-address.ts'

export interface LocalAddress {
  readonly host: string
  readonly port: number | undefined
}

/** Undefined for what is no address: names are not looked up here. */
export function parseLocalAddress(text: string): LocalAddress | undefined {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = bracketed ?? plain ?? text
  if (parseIp(host) === undefined) return undefined
  return { host, port: port === undefined || Number(port) > 65_535 ? undefined : Number(port) }
}

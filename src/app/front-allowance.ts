/**
 * Which fronts may connect. Gateway protocols have no notion of trust: whoever connects sets REMOTE_USER, HTTPS and
 * every other variable as he likes.
 */
import { isLocalAddress, parseSocketAddress } from '../io/socket-address.ts'
import { Network, parseIp, unmapped } from '../util/ip-address.ts'

/** Whether others than this machine's own processes reach it. */
export function isExposed(address: string): boolean {
  return !isLocalAddress(parseSocketAddress(address))
}

/** `all`, an address, or a network; false where it is none. */
export function isAllowance(text: string): boolean {
  return text === 'all' || Network.parse(text) !== undefined
}

export class FrontAllowance {
  readonly #all: boolean
  readonly #networks: readonly Network[]

  /** Rows that are no allowance allow nobody. */
  constructor(rows: readonly string[]) {
    this.#all = rows.includes('all')
    this.#networks = rows.map((row) => Network.parse(row)).filter((network) => network !== undefined)
  }

  /** `address` as the socket has it: undefined of a peer that has reset the connection, whose bytes can still be read. */
  allows(address: string | undefined): boolean {
    if (this.#all) return true
    const bytes = address === undefined ? undefined : parseIp(address)
    return bytes !== undefined && this.#networks.some((network) => network.contains(unmapped(bytes)))
  }
}

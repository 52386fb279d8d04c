/** Values by network: the smallest network that holds an address gives its value. */
import { Network } from '../util/ip-address.ts'

export class NetworkMap<V> {
  /** By length of the address in bytes, then by prefix length, then by the network's bytes. */
  readonly #families = new Map<number, Map<number, Map<string, V>>>()
  readonly #lengths = new Map<number, number[]>()

  /** Gives the value that the network had. */
  set(network: Network, value: V): V | undefined {
    const family = network.address.length
    const byLength = this.#families.get(family) ?? new Map<number, Map<string, V>>()
    this.#families.set(family, byLength)
    const networks = byLength.get(network.bits) ?? new Map<string, V>()
    byLength.set(network.bits, networks)
    const key = keyOf(network.address)
    const old = networks.get(key)
    networks.set(key, value)
    this.#lengths.set(
      family,
      [...byLength.keys()].sort((a, b) => b - a),
    )
    return old
  }

  delete(network: Network): boolean {
    return (
      this.#families.get(network.address.length)?.get(network.bits)?.delete(keyOf(network.address)) ?? false
    )
  }

  find(address: Uint8Array): V | undefined {
    const byLength = this.#families.get(address.length)
    if (!byLength) return undefined
    for (const bits of this.#lengths.get(address.length) ?? []) {
      const value = byLength.get(bits)?.get(keyOf(new Network(address, bits).address))
      if (value !== undefined) return value
    }
    return undefined
  }
}

function keyOf(address: Uint8Array): string {
  return String.fromCharCode(...address)
}

/**
 * What the workers know together of the peers of a group with a `zone`: each peer's failures, requests under way and
 * health, by the rules of `zones/peer-zone.ts`. A peer that joins later hears what was told before.
 */
import type { PeerWatcher, PeerZone } from '../zones/peer-zone.ts'
import type { Peer } from './peer.ts'

/** The cells of one peer. */
export interface PeerCells {
  hold(field: number, value: number): void
  add(field: number, delta: number): void
  set(field: number, value: number): void
}

export class SharedPeers implements PeerWatcher {
  readonly #zone: PeerZone
  readonly #onChange: () => void
  #peers = new Map<string, Peer>()
  /** By peer and field; as many as the zone takes. */
  readonly #told = new Map<string, Map<number, number>>()

  /** `onChange`: a peer may take requests now that did not before. */
  constructor(zone: PeerZone, onChange: () => void) {
    this.#zone = zone
    this.#onChange = onChange
    zone.watch(this)
  }

  /** These are the peers from now on. */
  take(peers: readonly Peer[]): void {
    const before = this.#peers
    this.#peers = new Map(keyed(peers))
    for (const [key, peer] of this.#peers) {
      if (before.get(key) === peer) continue
      peer.share(this.#cellsOf(key))
      for (const [field, value] of this.#told.get(key) ?? []) peer.told(field, value)
    }
  }

  onPeerCell(key: string, field: number, value: number): void {
    let cells = this.#told.get(key)
    if (!cells) this.#told.set(key, (cells = new Map<number, number>()))
    cells.set(field, value)
    this.#peers.get(key)?.told(field, value)
    this.#onChange()
  }

  #cellsOf(key: string): PeerCells {
    const zone = this.#zone
    const note = (field: number, value: number): void => {
      const cells = this.#told.get(key)
      if (cells) cells.set(field, value)
      else this.#told.set(key, new Map([[field, value]]))
    }
    return {
      hold: (field, value) => zone.hold(key, field, value),
      add: (field, delta) => zone.add(key, field, delta),
      set: (field, value) => {
        note(field, value)
        zone.set(key, field, value)
      },
    }
  }
}

/** By their addresses; one that the conf names twice has a key for each time. */
function* keyed(peers: readonly Peer[]): IterableIterator<[string, Peer]> {
  const seen = new Map<string, number>()
  for (const peer of peers) {
    const count = (seen.get(peer.text) ?? 0) + 1
    seen.set(peer.text, count)
    yield [count === 1 ? peer.text : `${peer.text}#${count}`, peer]
  }
}

/**
 * `hash key consistent`: ketama. A peer that comes or goes moves few keys. 160 points for each unit of weight, each the
 * crc32 of host, NUL, port and the point before it: as nginx and Cache::Memcached::Fast make them.
 */
import { crc32 } from 'node:zlib'
import type { Request } from '../../request.ts'
import type { Peer } from '../peer.ts'
import { inTurn, MAX_TRIES, type Balancer, type Turn } from './balancer.ts'

const POINTS_PER_WEIGHT = 160

interface Point {
  readonly hash: number
  /** As the conf names the server: one name may have several peers. */
  readonly server: string
}

export class ConsistentHashBalancer implements Balancer {
  readonly #key: (request: Request) => string
  #circle: readonly Point[] = []
  #circleOf: readonly Peer[] = []

  constructor(key: (request: Request) => string) {
    this.#key = key
  }

  choose({ peers, ready, request }: Turn): Peer | undefined {
    const key = request ? this.#key(request) : ''
    if (key === '' || peers.length < 2) return inTurn(peers.filter(ready))
    if (this.#circleOf !== peers) {
      this.#circle = makeCircle(peers)
      this.#circleOf = peers
    }
    const circle = this.#circle
    const from = firstAtLeast(circle, crc32(Buffer.from(key, 'latin1')))
    for (let tries = 0; tries <= MAX_TRIES; tries += 1) {
      const server = circle[(from + tries) % circle.length]?.server
      const peer = inTurn(peers.filter((item) => item.options.server === server && ready(item)))
      if (peer) return peer
    }
    return inTurn(peers.filter(ready))
  }
}

function makeCircle(peers: readonly Peer[]): readonly Point[] {
  const points: Point[] = []
  const weights = new Map<string, number>()
  for (const { options } of peers) weights.set(options.server, options.weight)
  for (const [server, weight] of weights) {
    const base = baseHash(server)
    const before = Buffer.alloc(4)
    for (let count = weight * POINTS_PER_WEIGHT; count > 0; count -= 1) {
      const hash = crc32(before, base)
      points.push({ hash, server })
      before.writeUInt32LE(hash)
    }
  }
  points.sort((a, b) => a.hash - b.hash)
  return points.filter(({ hash }, index) => index === 0 || points[index - 1]?.hash !== hash)
}

/** Of `host NUL port`; the path of a unix socket has no port. */
function baseHash(server: string): number {
  if (/^unix:/i.test(server)) return crc32(Buffer.from(`${server.slice(5)}\0`, 'latin1'))
  const [, host = server, port = ''] = /^(.*):(\d*)$/.exec(server) ?? []
  return crc32(Buffer.from(`${host}\0${port}`, 'latin1'))
}

/** Index of the first point not below `hash`; past the last one the circle begins again. */
function firstAtLeast(circle: readonly Point[], hash: number): number {
  let low = 0
  let high = circle.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((circle[middle]?.hash ?? 0) < hash) low = middle + 1
    else high = middle
  }
  return low
}

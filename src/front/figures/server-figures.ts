/**
 * What one front worker counts. On the way of a request there are a few additions and one look-up by location; all
 * that can be seen from the connections is taken from them when somebody asks.
 */
import { machineMs, monotonicMs } from '../../io/clock.ts'
import type { Request } from '../request.ts'
import type { Location } from '../server-config.ts'
import type { PeerGroup } from '../upstream/peer-group.ts'
import { figureName } from './figure-name.ts'

/** Upper bounds of the histogram, milliseconds. */
const BOUNDS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000] as const
/** 1xx to 5xx; 0 for what ended without a status. */
const CLASSES = 6

type Figures = Record<string, number>

interface LimitFigure {
  readonly name: string
  count: number
}

interface LocationFigures {
  readonly server: string
  readonly byClass: Float64Array
}

/** Connections open now, as `stub_status` shows them. */
export interface ConnectionStates {
  readonly active: number
  readonly reading: number
  readonly writing: number
  readonly waiting: number
}

/** Where what is not counted here is taken from. */
export interface FigureSources {
  states(): ConnectionStates
  /** Of open connections. */
  receivedBytes(): number
  readonly groups: readonly PeerGroup[]
  droppedLines(): number
}

export class ServerFigures {
  accepted = 0
  handled = 0
  requests = 0
  /** Of connections that are closed. */
  receivedBytes = 0
  #sentBytes = 0
  #durationMs = 0
  readonly #durations = new Float64Array(BOUNDS.length + 1)
  readonly #locations = new Map<Location, LocationFigures>()
  /** By family, zone and result. */
  readonly #limits = new Map<string, Map<string, Map<string, LimitFigure>>>()
  /** What was told already. */
  readonly #told = new Map<string, number>()

  /** A client's request is over. */
  count(request: Request): void {
    const { location } = request
    let figures = this.#locations.get(location)
    if (!figures) {
      figures = { server: request.server.name, byClass: new Float64Array(CLASSES) }
      this.#locations.set(location, figures)
    }
    const klass = (request.status / 100) | 0
    const { byClass } = figures
    const slot = klass < CLASSES ? klass : 0
    byClass[slot] = (byClass[slot] ?? 0) + 1
    const elapsedMs = monotonicMs() - request.startTick
    let bucket = 0
    while (elapsedMs > (BOUNDS[bucket] ?? Infinity)) bucket += 1
    this.#durations[bucket] = (this.#durations[bucket] ?? 0) + 1
    this.#durationMs += elapsedMs
    this.#sentBytes += request.headBytes + request.bodyBytesSent
  }

  /** `limit_req` and `limit_conn`: by the family, the zone and the text of `$limit_req_status`. */
  countLimit(family: string, zone: string, result: string): void {
    let zones = this.#limits.get(family)
    if (!zones) this.#limits.set(family, (zones = new Map<string, Map<string, LimitFigure>>()))
    let results = zones.get(zone)
    if (!results) zones.set(zone, (results = new Map<string, LimitFigure>()))
    let figure = results.get(result)
    if (!figure) {
      figure = { name: figureName(family, { zone, result: result.toLowerCase() }), count: 0 }
      results.set(result, figure)
    }
    figure.count += 1
  }

  /** What counters grew by since the last call; a new one is there with 0, too. */
  growth(sources: FigureSources): Figures {
    const grown: Figures = {}
    for (const [name, total] of this.#totals(sources)) {
      const told = this.#told.get(name)
      if (total === told) continue
      grown[name] = total - (told ?? 0)
      this.#told.set(name, total)
    }
    return grown
  }

  /** All that was counted since the start. */
  totals(sources: FigureSources): Figures {
    return Object.fromEntries(this.#totals(sources))
  }

  gauges(sources: FigureSources): Figures {
    const { active, reading, writing, waiting } = sources.states()
    const gauges: Figures = {
      portico_workers: 1,
      portico_connections_active: active,
      portico_connections_reading: reading,
      portico_connections_writing: writing,
      portico_connections_waiting: waiting,
    }
    const now = machineMs()
    for (const { name: upstream, peers, checked } of sources.groups)
      for (const peer of peers) {
        const labels = { upstream, peer: peer.text }
        gauges[figureName('portico_upstream_active', labels)] = peer.active
        gauges[figureName('portico_upstream_unavailable', labels)] = peer.available(now) ? 0 : 1
        if (checked) gauges[figureName('portico_upstream_healthy', labels)] = peer.ill ? 0 : 1
      }
    return gauges
  }

  *#totals(sources: FigureSources): IterableIterator<readonly [string, number]> {
    yield ['portico_connections_accepted_total', this.accepted]
    yield ['portico_connections_handled_total', this.handled]
    yield ['portico_requests_total', this.requests]
    yield ['portico_received_bytes_total', this.receivedBytes + sources.receivedBytes()]
    yield ['portico_sent_bytes_total', this.#sentBytes]
    yield ['portico_log_lines_dropped_total', sources.droppedLines()]
    yield* this.#responses()
    yield* this.#histogram()
    for (const zones of this.#limits.values())
      for (const results of zones.values())
        for (const { name, count } of results.values()) yield [name, count]
    yield* peerTotals(sources.groups)
  }

  *#responses(): IterableIterator<readonly [string, number]> {
    for (const [{ label }, { server, byClass }] of this.#locations)
      for (const [klass, count] of byClass.entries()) {
        if (count === 0) continue
        const status = klass === 0 ? 'none' : `${klass}xx`
        yield [figureName('portico_responses_total', { server, location: label, status }), count]
      }
  }

  *#histogram(): IterableIterator<readonly [string, number]> {
    const family = 'portico_request_duration_seconds'
    let count = 0
    for (const [index, some] of this.#durations.entries()) {
      count += some
      const bound = BOUNDS[index]
      yield [
        figureName(`${family}_bucket`, { le: bound === undefined ? '+Inf' : String(bound / 1000) }),
        count,
      ]
    }
    yield [`${family}_sum`, this.#durationMs / 1000]
    yield [`${family}_count`, count]
  }
}

function* peerTotals(groups: readonly PeerGroup[]): IterableIterator<readonly [string, number]> {
  for (const { name: upstream, peers } of groups)
    for (const { text: peer, requests, failures, responseMs } of peers) {
      const labels = { upstream, peer }
      yield [figureName('portico_upstream_requests_total', labels), requests]
      yield [figureName('portico_upstream_failures_total', labels), failures]
      yield [figureName('portico_upstream_response_seconds_total', labels), responseMs / 1000]
    }
}

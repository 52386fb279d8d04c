/**
 * Names to addresses, kept as long as the records live (nginx: `resolver`). Those who ask for one name at a time wait
 * for one answer; errors are not kept.
 */
import {
  RCODE_NAME_ERROR,
  TYPE_A,
  TYPE_AAAA,
  TYPE_SRV,
  type RecordType,
  type ServiceRecord,
} from '../../protocol/dns/record.ts'
import { DnsError } from '../../protocol/dns/dns-error.ts'
import type { DnsResponse } from '../../protocol/dns/response-decoder.ts'
import { LruCache } from '../../util/lru-cache.ts'
import { monotonicMs } from '../clock.ts'
import { after } from '../timer.ts'
import { NameServers, type NameServer } from './name-servers.ts'

export interface NameResolverOptions {
  readonly servers: readonly NameServer[]
  /** Overrides what the records say, milliseconds. */
  readonly validMs: number | undefined
  readonly ipv4: boolean
  readonly ipv6: boolean
}

/** A name has no address. `reason` is nginx's: `3: Host not found`; undefined where there is nobody to ask. */
export class ResolveError extends Error {
  override readonly name = 'ResolveError'

  constructor(host: string, reason: string | undefined) {
    super(
      reason === undefined
        ? `no resolver defined to resolve ${host}`
        : `${host} could not be resolved (${reason})`,
    )
  }
}

export interface Resolved<T> {
  readonly values: readonly T[]
  /** Monotonic milliseconds until which this holds. */
  readonly untilMs: number
}

const REASONS: Readonly<Record<number, string>> = {
  1: 'Format error',
  2: 'Server failure',
  3: 'Host not found',
  4: 'Unimplemented',
  5: 'Operation refused',
}
const NOT_FOUND = '3: Host not found'
const TIMED_OUT = '110: Operation timed out'
/** Aliases followed by us, where the server did not (nginx: NGX_RESOLVER_MAX_RECURSION). */
const MAX_ALIASES = 50
/** A question outlives those who asked it, so that the next finds the answer (nginx: 30 s). */
const QUESTION_MS = 30_000
const MAX_NAMES = 10_000

interface Waiting<T> {
  readonly answer: Promise<Resolved<T>>
}

export class NameResolver {
  readonly #servers: NameServers
  readonly #options: NameResolverOptions
  readonly #addresses: LruCache<string, Resolved<string>>
  readonly #services: LruCache<string, Resolved<ServiceRecord>>
  readonly #asking = new Map<string, Waiting<string>>()
  readonly #askingServices = new Map<string, Waiting<ServiceRecord>>()

  constructor(options: NameResolverOptions) {
    this.#options = options
    this.#servers = new NameServers(options.servers)
    this.#addresses = new LruCache(MAX_NAMES, () => 1)
    this.#services = new LruCache(MAX_NAMES, () => 1)
  }

  /** What is known of a name now, without asking. */
  known(name: string): Resolved<string> | undefined {
    return fresh(this.#addresses.get(name.toLowerCase()))
  }

  /** IPv4 addresses first. Rejects with a ResolveError, after `timeoutMs` at the latest. */
  addresses(name: string, timeoutMs: number): Promise<Resolved<string>> {
    const key = name.toLowerCase()
    return within(
      timeoutMs,
      name,
      joined(key, this.#addresses, this.#asking, (signal) => this.#resolve(key, signal)),
    )
  }

  /** SRV records of `_service._tcp.name`. */
  services(name: string, timeoutMs: number): Promise<Resolved<ServiceRecord>> {
    const key = name.toLowerCase()
    const ask = async (signal: AbortSignal): Promise<Resolved<ServiceRecord>> => {
      const [answer] = (await this.#servers.ask(key, [TYPE_SRV], signal)) as [DnsResponse]
      if (answer.services.length === 0) throw new ResolveError(name, reasonOf([answer]))
      return { values: answer.services, untilMs: this.#until(answer.ttl) }
    }
    return within(timeoutMs, name, joined(key, this.#services, this.#askingServices, ask))
  }

  #types(): RecordType[] {
    const { ipv4, ipv6 } = this.#options
    return [...(ipv4 ? [TYPE_A] : []), ...(ipv6 ? [TYPE_AAAA] : [])] as RecordType[]
  }

  async #resolve(name: string, signal: AbortSignal): Promise<Resolved<string>> {
    let host = name
    let ttl = Infinity
    for (let aliases = 0; aliases <= MAX_ALIASES; aliases += 1) {
      const known = host === name ? undefined : this.known(host)
      if (known) return { values: known.values, untilMs: Math.min(known.untilMs, this.#until(ttl)) }
      const answers = await this.#servers.ask(host, this.#types(), signal)
      for (const answer of answers) if (answer.rcode === 0) ttl = Math.min(ttl, answer.ttl)
      const values = answers.flatMap(({ rcode, addresses }) => (rcode === 0 ? addresses : []))
      if (values.length > 0) return { values, untilMs: this.#until(ttl) }
      const alias = answers.find((answer) => answer.rcode === 0 && answer.alias !== undefined)?.alias
      if (alias === undefined) throw new ResolveError(name, reasonOf(answers))
      host = alias
    }
    throw new ResolveError(name, NOT_FOUND)
  }

  #until(ttl: number): number {
    const lifeMs = this.#options.validMs ?? (Number.isFinite(ttl) ? ttl * 1000 : 0)
    return monotonicMs() + lifeMs
  }
}

function fresh<T>(known: Resolved<T> | undefined): Resolved<T> | undefined {
  return known && known.untilMs > monotonicMs() ? known : undefined
}

function joined<T>(
  key: string,
  cache: LruCache<string, Resolved<T>>,
  asking: Map<string, Waiting<T>>,
  ask: (signal: AbortSignal) => Promise<Resolved<T>>,
): Promise<Resolved<T>> {
  const known = fresh(cache.get(key))
  if (known) return Promise.resolve(known)
  const before = asking.get(key)
  if (before) return before.answer
  const answer = ask(AbortSignal.timeout(QUESTION_MS)).then(
    (resolved) => {
      asking.delete(key)
      cache.set(key, resolved)
      return resolved
    },
    (error: unknown) => {
      asking.delete(key)
      if (error instanceof ResolveError) throw error
      throw new ResolveError(key, error instanceof DnsError ? NOT_FOUND : TIMED_OUT)
    },
  )
  answer.catch(noop)
  asking.set(key, { answer })
  return answer
}

function within<T>(timeoutMs: number, name: string, answer: Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const cancel = after(timeoutMs, () => reject(new ResolveError(name, TIMED_OUT)))
  void answer.then(resolve, reject).finally(cancel)
  return promise
}

function reasonOf(answers: readonly DnsResponse[]): string {
  const code = answers.find(({ rcode }) => rcode !== 0)?.rcode ?? RCODE_NAME_ERROR
  return `${code}: ${REASONS[code] ?? 'Unknown error'}`
}

function noop(): void {
  // whoever still waits hears of it
}

import type { Cache } from '../cache/cache.ts'
import type { MaybePromise } from '../maybe-promise.ts'

/** Too many failed sign-ins: 429, with the seconds to wait. */
export class TooManyAttempts extends Error {
  override readonly name = 'TooManyAttempts'
  readonly code = 'AUTH_TOO_MANY_ATTEMPTS'
  readonly status = 429
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    super('Too many failed sign-in attempts.')
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export interface AttemptLimits {
  /** What is counted, `sign-in` when left out: in a cache only limiters of one purpose count together. */
  readonly purpose?: string
  /** Attempts for one name from one address. */
  readonly perNameAndAddress: number
  /** Attempts from one address, whatever the names. */
  readonly perAddress: number
  readonly windowSeconds: number
}

interface Count {
  attempts: number
  readonly resetMs: number
}

/**
 * The older half of the counts goes when there are more: an attacker with many names must not fill the memory. Two
 * maps instead of one that evicts its first entry: finding that costs a walk over all that were deleted before it.
 */
const COUNTS_LIMIT = 20_000

/**
 * Counts attempts, of signing in as a rule: in a cache when there is one, so that all workers count together, else in
 * this process. A name is never locked for everybody: that would let a stranger lock out its owner. Behind a proxy
 * `address` is what the gateway calls REMOTE_ADDR.
 */
export class AttemptLimiter {
  readonly #limits: AttemptLimits
  readonly #purpose: string
  readonly #now: () => number
  #counts = new Map<string, Count>()
  #older = new Map<string, Count>()

  /** @param now milliseconds, never running backwards */
  constructor(
    limits: AttemptLimits = { perNameAndAddress: 5, perAddress: 50, windowSeconds: 300 },
    now: () => number = () => performance.now(),
  ) {
    this.#limits = limits
    this.#purpose = limits.purpose ?? 'sign-in'
    this.#now = now
  }

  /** Counts an attempt before it is made, so that many at once count too. @throws TooManyAttempts */
  begin(name: string, address: string, cache: Cache | null = null): MaybePromise<void> {
    const network = networkOf(address)
    if (cache !== null) return this.#beginIn(cache, name, network)
    const { perNameAndAddress } = this.#limits
    const both = [this.#count(addressKey(network)), this.#count(pairKey(name, network))] as const
    const [ofAddress, pair] = both
    const wait = Math.max(this.#wait(ofAddress, this.#limitFor(network)), this.#wait(pair, perNameAndAddress))
    if (wait > 0) throw new TooManyAttempts(Math.ceil(wait / 1000))
    for (const count of both) count.attempts++
  }

  /** The attempt was right: what was typed wrong before it is forgotten. */
  succeed(name: string, address: string, cache: Cache | null = null): MaybePromise<void> {
    const network = networkOf(address)
    if (cache !== null) return this.#succeedIn(cache, name, network)
    this.#count(pairKey(name, network)).attempts = 0
    const count = this.#count(addressKey(network))
    count.attempts = Math.max(0, count.attempts - 1)
  }

  /** The pair first: what is refused for one name does not use up the address's share. */
  async #beginIn(cache: Cache, name: string, network: string): Promise<void> {
    await this.#countIn(cache, pairKey(name, network), this.#limits.perNameAndAddress)
    await this.#countIn(cache, addressKey(network), this.#limitFor(network))
  }

  /** Those who come from nowhere that is known are many, and none of them is to lock out the others. */
  #limitFor(network: string): number {
    return network === '' ? Infinity : this.#limits.perAddress
  }

  async #countIn(cache: Cache, key: string, limit: number): Promise<void> {
    const { windowSeconds: timeout } = this.#limits
    const until = await cache.getOrSet(this.#untilKey(key), () => Date.now() + timeout * 1000, { timeout })
    const counter = this.#countKey(key, until)
    await cache.add(counter, 0, { timeout })
    const attempts = await orWhenGone(() => cache.incr(counter), 1)
    if (attempts > limit) throw new TooManyAttempts(Math.max(1, Math.ceil((until - Date.now()) / 1000)))
  }

  async #succeedIn(cache: Cache, name: string, network: string): Promise<void> {
    const pair = pairKey(name, network)
    const pairUntil = await cache.get<number>(this.#untilKey(pair))
    if (pairUntil !== undefined) await cache.delete(this.#countKey(pair, pairUntil))
    const key = addressKey(network)
    const until = await cache.get<number>(this.#untilKey(key))
    if (until !== undefined) await orWhenGone(() => cache.decr(this.#countKey(key, until)), 0)
  }

  #untilKey(key: string): string {
    return `auth.attempts.${this.#purpose}.until ${key}`
  }

  /** With the end of its window in it: what the next window counts begins at none. */
  #countKey(key: string, until: number): string {
    return `auth.attempts.${this.#purpose} ${until} ${key}`
  }

  #wait(count: Count, limit: number): number {
    return count.attempts < limit ? 0 : count.resetMs - this.#now()
  }

  #count(key: string): Count {
    const now = this.#now()
    const known = this.#counts.get(key) ?? this.#older.get(key)
    const count =
      known !== undefined && known.resetMs > now
        ? known
        : { attempts: 0, resetMs: now + this.#limits.windowSeconds * 1000 }
    if (this.#counts.size >= COUNTS_LIMIT / 2) {
      this.#older = this.#counts
      this.#counts = new Map()
    }
    this.#counts.set(key, count)
    return count
  }
}

const addressKey = (network: string): string => `a ${network}`
const pairKey = (name: string, network: string): string => `p ${network} ${name}`

/** Another's success may take the count away, or the cache itself, between any two steps. */
async function orWhenGone(change: () => MaybePromise<number>, otherwise: number): Promise<number> {
  try {
    return await change()
  } catch (error) {
    if (error instanceof RangeError) return otherwise
    throw error
  }
}

/** Whoever has one IPv6 address usually has the 2^64 around it. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address
  if (/^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address)) return address.slice(7)
  const [head = '', tail] = address.toLowerCase().split('%', 1)[0]?.split('::') ?? []
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length)
  const groups = [...front, ...Array.from({ length: missing }, () => '0'), ...back]
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')
}

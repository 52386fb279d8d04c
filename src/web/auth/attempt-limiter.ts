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

/** The oldest counts go when there are more: an attacker with many names must not fill the memory. */
const COUNTS_LIMIT = 20_000

/**
 * Counts sign-in attempts in this process. A name is never locked for everybody: that would let a stranger lock out
 * its owner. Behind a proxy `address` is what the gateway calls REMOTE_ADDR.
 */
export class AttemptLimiter {
  readonly #limits: AttemptLimits
  readonly #now: () => number
  readonly #counts = new Map<string, Count>()

  /** @param now milliseconds, never running backwards */
  constructor(
    limits: AttemptLimits = { perNameAndAddress: 5, perAddress: 50, windowSeconds: 300 },
    now: () => number = () => performance.now(),
  ) {
    this.#limits = limits
    this.#now = now
  }

  /** Counts an attempt before it is made, so that many at once count too. @throws TooManyAttempts */
  begin(name: string, address: string): void {
    const network = networkOf(address)
    const { perAddress, perNameAndAddress } = this.#limits
    const both = [this.#count(addressKey(network)), this.#count(pairKey(name, network))] as const
    const [address_, pair] = both
    const wait = Math.max(this.#wait(address_, perAddress), this.#wait(pair, perNameAndAddress))
    if (wait > 0) throw new TooManyAttempts(Math.ceil(wait / 1000))
    for (const count of both) count.attempts++
  }

  /** The attempt was right: what was typed wrong before it is forgotten. */
  succeed(name: string, address: string): void {
    const network = networkOf(address)
    this.#counts.delete(pairKey(name, network))
    const count = this.#counts.get(addressKey(network))
    if (count !== undefined) count.attempts--
  }

  #wait(count: Count, limit: number): number {
    return count.attempts < limit ? 0 : count.resetMs - this.#now()
  }

  #count(key: string): Count {
    const now = this.#now()
    const known = this.#counts.get(key)
    if (known !== undefined && known.resetMs > now) return known
    this.#counts.delete(key)
    if (this.#counts.size >= COUNTS_LIMIT) {
      const [oldest] = this.#counts.keys()
      if (oldest !== undefined) this.#counts.delete(oldest)
    }
    const fresh = { attempts: 0, resetMs: now + this.#limits.windowSeconds * 1000 }
    this.#counts.set(key, fresh)
    return fresh
  }
}

const addressKey = (network: string): string => `a ${network}`
const pairKey = (name: string, network: string): string => `p ${network} ${name}`

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

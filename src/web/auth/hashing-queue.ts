import { scrypt, pbkdf2 } from 'node:crypto'

/** More sign-ins at once than the machine can hash: 503, come back later. */
export class HashingOverload extends Error {
  override readonly name = 'HashingOverload'
  readonly code = 'AUTH_OVERLOAD'
  readonly status = 503
  readonly retry = true
}

/**
 * Password hashing is slow on purpose, so it is done on libuv's threads, and only few at a time: four threads serve
 * file reads and name look-ups too, and whoever sends passwords must not keep those waiting.
 */
export class HashingQueue {
  readonly #concurrency: number
  readonly #limit: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(concurrency = 2, limit = 64) {
    this.#concurrency = concurrency
    this.#limit = limit
  }

  /** @throws HashingOverload when too many wait already */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#concurrency) {
      if (this.#waiting.length >= this.#limit)
        throw new HashingOverload('Too many passwords to check at once.')
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else {
      this.#running++
    }
    try {
      return await task()
    } finally {
      // The place is handed on without being given up in between.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}

interface ScryptCost {
  readonly n: number
  readonly r: number
  readonly p: number
}

export function scryptHash(
  password: string,
  salt: string,
  cost: ScryptCost,
  length: number,
): Promise<Buffer> {
  const { n, r, p } = cost
  // Node's own limit is 32 MiB; the algorithm needs 128 * N * r and a little.
  const options = { N: n, r, p, maxmem: 128 * n * r + 128 * r * p + 1024 * 1024 }
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, key) => (error === null ? resolve(key) : reject(error)))
  })
}

export function pbkdf2Hash(
  password: string,
  salt: string,
  iterations: number,
  digest: 'sha1' | 'sha256',
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    pbkdf2(password, salt, iterations, digest === 'sha1' ? 20 : 32, digest, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}

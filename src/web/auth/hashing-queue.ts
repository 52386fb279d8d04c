import { scrypt, pbkdf2 } from 'node:crypto'
import { TurnQueue } from '../../util/turn-queue.ts'

/** More sign-ins at once than the machine can hash: 503, come back later. */
export class HashingOverload extends Error {
  override readonly name = 'HashingOverload'
  readonly code = 'AUTH_OVERLOAD'
  readonly status = 503
  readonly retry = true
}

/** Password hashing is slow on purpose: whoever sends passwords must not keep others waiting. */
export class HashingQueue {
  readonly #turns: TurnQueue
  readonly #limit: number

  constructor(concurrency = 2, limit = 64) {
    this.#turns = new TurnQueue(concurrency)
    this.#limit = limit
  }

  /** @throws HashingOverload when too many wait already */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#turns.waiting >= this.#limit) throw new HashingOverload('Too many passwords to check at once.')
    return this.#turns.run(task)
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

/** Ids for `$request_id`: 16 random bytes in hexadecimal, drawn from a pool so that the system is asked rarely. */

const POOL_BYTES = 16 * 256

let pool = Buffer.alloc(0)
let offset = 0

export function newRequestId(): string {
  if (offset === pool.length) {
    pool = Buffer.from(crypto.getRandomValues(new Uint8Array(POOL_BYTES)).buffer)
    offset = 0
  }
  const id = pool.toString('hex', offset, offset + 16)
  offset += 16
  return id
}

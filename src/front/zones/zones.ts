/**
 * The state that all workers of a server share, as the modules see it.
 *
 * A zone is opened while the conf is compiled, by name and size; while requests run it is asked. With one worker every
 * answer is there at once. With several it comes from the keeper (`keeper.ts`) as a promise; while the keeper is gone
 * each worker decides alone, at once, by what it last knew.
 *
 *     rates    limit_req: buckets. `take` counts a request in several zones at once, or in none
 *     counts   limit_conn: requests under way. What `enter` counted `leave` gives back; so does the end of the process
 *     blobs    get and put of small values with an end of life, for TLS: `put` and `delete` do not wait; `putNew`
 *              answers the value in effect, so that of several workers that make a ticket key all use the first one
 *     peers    numbers by peer and field of an upstream group, eventually consistent: see `peer-zone.ts`
 */
import type { CountAsk, CountZone } from './count-table.ts'
import type { PeerZone } from './peer-zone.ts'
import type { RateAsk, RateZone, Taken } from './rate-table.ts'

/** Keys are Latin-1 text of at most 65535 octets, values at most `MAX_BLOB_BYTES`: larger ones are not kept. */
export interface BlobZone {
  get(key: string): Buffer | undefined | Promise<Buffer | undefined>
  put(key: string, value: Buffer, lifeMs: number): void
  putNew(key: string, value: Buffer, lifeMs: number): Buffer | Promise<Buffer>
  delete(key: string): void
}

export const MAX_BLOB_BYTES = 64 * 1024

export interface Zones {
  /** Whether any was opened. */
  readonly used: boolean
  /** Each answers the same zone for the same name. `bytes` as the conf says. */
  rates(name: string, bytes: number): RateZone
  counts(name: string, bytes: number): CountZone
  blobs(name: string, bytes: number): BlobZone
  peers(name: string, bytes: number): PeerZone
  take(asks: readonly RateAsk[]): Taken | Promise<Taken>
  /** Index of the question that refused; -1 where all counted it. */
  enter(asks: readonly CountAsk[]): number | Promise<number>
  leave(asks: readonly CountAsk[]): void
}

/**
 * What a worker asks of the keeper of zones, and what it is answered. A table.
 *
 * Answers come in the order of the questions on one connection, so that neither carries a number. Zones are named once
 * per connection and are two octets from then on.
 */

/** Another number when a frame's meaning changes: a keeper may be older than the workers after a reload. */
export const PROTOCOL_VERSION = 1

/** From the worker. */
export const HELLO = 1 // version u8, process id u32 → WELCOME
export const OPEN = 2 // zone u16, kind u8, size f64, name text
export const TAKE = 3 // count u8, count × (zone u16, rate f64, burst f64, key text) → TAKEN
export const ENTER = 4 // count u8, count × (zone u16, most u16, key text) → ENTERED
export const LEAVE = 5 // zone u16, key text
export const HOLD = 6 // zone u16, count u32, key text: what the worker holds since before the keeper began
export const SEED = 7 // zone u16, excess f64, time f64, key text: what the worker knows of a rate
export const GET = 8 // zone u16, key text → BLOB
export const PUT = 9 // zone u16, key text, life in ms f64, value bytes
export const PUT_NEW = 10 // as PUT → BLOB: the value that is in effect, the older one where there is one
export const DELETE = 11 // zone u16, key text
export const CELL = 12 // both ways: zone u16, rule u8, field u8, value f64, peer text

/** To the worker. */
export const WELCOME = 64 // version u8
export const TAKEN = 65 // refused u8 (NONE_REFUSED), count u8, count × excess f64
export const ENTERED = 66 // refused u8
export const BLOB = 67 // whether there is one u8, value bytes

/** No zone refused. */
export const NONE_REFUSED = 255

/** Kinds of zones, as `OPEN` writes them. */
export const ZONE_KINDS = ['rates', 'counts', 'blobs', 'peers'] as const
export type ZoneKind = (typeof ZONE_KINDS)[number]

/**
 * How a cell of a `peers` zone takes a value: `held` is this worker's own share, gone with the worker, and others are
 * told the sum of all shares but theirs; `add` adds to one number for all and `set` replaces it, which others are told
 * as `set`.
 */
export const CELL_RULES = ['held', 'add', 'set'] as const
export type CellRule = (typeof CELL_RULES)[number]

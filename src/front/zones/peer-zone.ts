/**
 * Numbers of the peers of an upstream group that all workers share (`zone` in an `upstream`), eventually consistent:
 * what one worker writes the others see some milliseconds later, and nobody waits.
 *
 * A cell is a peer (by its address as `$upstream_addr` shows it) and a field. Who writes says how:
 *
 *     hold   this worker's own share (requests under way). Others read the sum of the shares but their own, and a
 *            worker that dies takes its share with it
 *     add    one number that all add to (failures)
 *     set    one number that the last writer gives (times, flags). Times are `machineMs()`, alike in all processes
 *
 * `fields` below are those in use; a balancer or a health check takes the next free number and says how it is written.
 * A held field is never written by `add` or `set`. A new worker is told all cells; after the keeper's death the workers
 * tell the next one what they know.
 */
export const PEER_FIELDS = {
  /** hold: requests under way. */
  active: 0,
  /** add: failures since it was last well; `set` to 0 when it is well again. */
  fails: 1,
  /** set: `machineMs()` of the last failure. */
  failedAt: 2,
  /** set: `machineMs()` when it last failed or was given a chance. */
  checkedAt: 3,
  /** set: what a health check found, see `HEALTH`: this field for the first check of a group, the next ones for others. */
  health: 16,
} as const

/** Values of a health field. */
export const HEALTH = { unknown: 0, well: 1, ill: 2 } as const

export interface PeerWatcher {
  /** Another worker changed a cell. Of a held field `value` is what the others hold. */
  onPeerCell(peer: string, field: number, value: number): void
}

export interface PeerZone {
  hold(peer: string, field: number, value: number): void
  add(peer: string, field: number, delta: number): void
  set(peer: string, field: number, value: number): void
  watch(watcher: PeerWatcher): void
}

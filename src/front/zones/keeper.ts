/**
 * The keeper of zones: one process beside the workers, which holds what they share. It lives on while workers come and
 * go and over reloads: a zone keeps its content as long as its kind, name and size stay (nginx does so, too). What a
 * worker holds goes with its connection, however the worker ends.
 *
 * It is no part of the master, whose event loop stands still while it compiles a conf, and whose end is the end of
 * all; and no part of a worker, which may be the one that is killed. It runs no user's code and trusts its peers: who
 * reaches its socket is who runs the server.
 */
import { machineMs } from '../../io/clock.ts'
import { KeeperSession, type WorkerLink } from './keeper-session.ts'
import type { PeerTable } from './peer-table.ts'
import type { Cell } from './cell-table.ts'
import type { ZoneKind } from '../../protocol/zones/operations.ts'
import { ZoneSet, type NamedZone, type ZoneTables } from './zone-set.ts'

/** A zone that no worker has is kept for so long: all workers may be killed and started again. */
const UNUSED_MS = 60_000

interface ZoneUse {
  readonly kind: ZoneKind
  readonly users: Set<KeeperSession>
  unusedSinceMs: number
}

export class Keeper {
  readonly nowMs: () => number
  readonly #zones = new ZoneSet()
  readonly #uses = new Map<NamedZone<unknown>, ZoneUse>()
  readonly #sessions = new Set<KeeperSession>()

  constructor(nowMs: () => number = machineMs) {
    this.nowMs = nowMs
  }

  accept(link: WorkerLink): KeeperSession {
    const session = new KeeperSession(this, link)
    this.#sessions.add(session)
    return session
  }

  open<K extends ZoneKind>(
    session: KeeperSession,
    kind: K,
    name: string,
    bytes: number,
  ): NamedZone<ZoneTables[K]> {
    this.#dropUnused()
    const zone = this.#zones.open(kind, name, bytes)
    let use = this.#uses.get(zone)
    if (!use) this.#uses.set(zone, (use = { kind, users: new Set(), unusedSinceMs: 0 }))
    use.users.add(session)
    return zone
  }

  #dropUnused(): void {
    const beforeMs = this.nowMs() - UNUSED_MS
    for (const [zone, { kind, users, unusedSinceMs }] of this.#uses) {
      if (users.size > 0 || unusedSinceMs > beforeMs) continue
      this.#zones.delete(kind, zone)
      this.#uses.delete(zone)
    }
  }

  forget(session: KeeperSession): void {
    this.#sessions.delete(session)
    for (const use of this.#uses.values())
      if (use.users.delete(session) && use.users.size === 0) use.unusedSinceMs = this.nowMs()
  }

  /** Tells all who have the zone but the writer; of what is held, everybody else's share changes. */
  tellCell(table: PeerTable, cell: Cell, held: boolean, writer: KeeperSession): void {
    for (const session of this.#sessions) if (session !== writer) session.tellCell(table, cell, held)
  }
}

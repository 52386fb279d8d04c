import { createPermissions } from '../auth/permissions.ts'
import type { Database } from '../db/database.ts'
import { Databases } from '../db/databases.ts'
import type { MigrationExecutor, PlannedMigration } from '../db/migrations/executor.ts'

/** What a receiver of `postMigrate` is told. */
export interface MigrateEvent {
  /** The database that was brought up to date; models go there while receivers run. */
  readonly database: Database
  /** What was done; empty when everything was there already. */
  readonly plan: readonly PlannedMigration[]
  /** `app.name` of all that is applied now. */
  readonly applied: ReadonlySet<string>
}

type Receiver = (event: MigrateEvent) => void | Promise<void>

class MigrateSignal {
  #receivers: readonly Receiver[] = [makePermissions]

  /** The function returned disconnects. */
  connect(receiver: Receiver): () => void {
    this.#receivers = [...this.#receivers, receiver]
    return () => {
      this.#receivers = this.#receivers.filter((known) => known !== receiver)
    }
  }

  /** One after the other, in the order they were connected: an error stops the command. */
  async send(event: MigrateEvent): Promise<void> {
    for (const receiver of this.#receivers) await receiver(event)
  }
}

/** The tables of content types and permissions come with these; a database that is not so far has no place for any. */
const NEEDED = ['contenttypes.0001_initial', 'auth.0002_permissions']

async function makePermissions({ applied }: MigrateEvent): Promise<void> {
  if (NEEDED.every((name) => applied.has(name))) await createPermissions()
}

/** After `migrate`, whether or not there was anything to do: the place to make the rows that a site begins with. */
export const postMigrate = new MigrateSignal()

/** Tells the receivers, with the models on the database that was migrated. */
export async function sendPostMigrate(
  database: Database,
  executor: MigrationExecutor,
  plan: readonly PlannedMigration[],
): Promise<void> {
  const applied = await executor.applied()
  await Databases.of(database).run(() => postMigrate.send({ database, plan, applied }))
}

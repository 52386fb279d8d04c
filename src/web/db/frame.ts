import { AsyncLock } from './async-lock.ts'
import type { BackendTransaction } from './backend.ts'
import { TransactionManagementError } from './errors.ts'

/** One `atomic` block: the transaction itself, or a savepoint in it. */
export class Frame {
  readonly parent: Frame | null
  readonly #transaction: BackendTransaction
  /** Blocks side by side in one transaction take turns: savepoints nest and cannot interleave. */
  readonly children = new AsyncLock()
  readonly depth: number
  /** Runs after the outermost commit; a rolled back block's are forgotten. */
  readonly onCommit: (() => unknown)[] = []
  #closed = false
  /** Set by an inner block without a savepoint that failed: this one cannot commit. */
  mustRollBack = false

  constructor(transaction: BackendTransaction, parent: Frame | null) {
    this.#transaction = transaction
    this.parent = parent
    this.depth = parent === null ? 0 : parent.depth + 1
  }

  /** @throws TransactionManagementError for work that outlived its block, usually a promise nobody awaited */
  get transaction(): BackendTransaction {
    if (this.#closed) {
      throw new TransactionManagementError(
        'This atomic block has ended: a query ran after it. Is there a promise inside it that nothing awaits?',
      )
    }
    if (this.mustRollBack) {
      throw new TransactionManagementError(
        "An error occurred in the current transaction. You can't execute queries until the end of the 'atomic' block.",
      )
    }
    return this.#transaction
  }

  close(): BackendTransaction {
    this.#closed = true
    return this.#transaction
  }
}

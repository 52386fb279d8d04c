import type { AnyModel, Instance } from './types.ts'

/** A signal's receivers run in the order they were connected, each awaited: an error stops what sent it. */
export interface SaveEvent {
  readonly sender: AnyModel
  readonly instance: object
  /** Only after the save: whether a row was inserted. */
  readonly created: boolean
  readonly updateFields: readonly string[] | null
}

export interface DeleteEvent {
  readonly sender: AnyModel
  readonly instance: object
}

type Receiver<E> = (event: E) => void | Promise<void>

class Signal<E extends { readonly sender: AnyModel }> {
  #receivers: readonly { sender: AnyModel | null; receiver: Receiver<E> }[] = []

  /** For one model's rows, or every model's. The function returned disconnects. */
  connect<M extends AnyModel>(
    receiver: (event: Omit<E, 'instance'> & { readonly instance: Instance<M> }) => void | Promise<void>,
    options: { readonly sender: M },
  ): () => void
  connect(receiver: Receiver<E>): () => void
  connect(
    receiver: (event: never) => void | Promise<void>,
    options?: { readonly sender: AnyModel },
  ): () => void {
    // The overloads tie the event's instance to the sender, which `#send` checks; inside, all are alike.
    const entry = { sender: options?.sender ?? null, receiver: receiver as unknown as Receiver<E> }
    this.#receivers = [...this.#receivers, entry]
    return () => {
      this.#receivers = this.#receivers.filter((known) => known !== entry)
    }
  }

  /** Whether sending would call anybody: lets bulk work skip making rows. */
  hasReceivers(sender: AnyModel): boolean {
    return this.#receivers.some((r) => r.sender === null || r.sender === sender)
  }

  async send(event: E): Promise<void> {
    for (const { sender, receiver } of this.#receivers) {
      if (sender === null || sender === event.sender) await receiver(event)
    }
  }
}

/** Before a row is written by `save` or `create`; updates of many rows send nothing. */
export const preSave = new Signal<SaveEvent>()
/** After a row was written; `created` tells an insert. */
export const postSave = new Signal<SaveEvent>()
/** Before each row that goes, those that go with it among them. */
export const preDelete = new Signal<DeleteEvent>()
/** After each row that went. */
export const postDelete = new Signal<DeleteEvent>()

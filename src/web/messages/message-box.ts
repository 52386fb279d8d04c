import type { MaybePromise } from '../maybe-promise.ts'
import type { Message } from './message.ts'

/** The messages of one request: those that came with it, and those it leaves for the next. */
export interface MessageBox {
  /** Keeps a message for the next time messages are read; one below the least level is left out. */
  add(level: number, text: string, extraTags?: string): void
  /** All messages, which are then gone. */
  read(): MaybePromise<readonly Message[]>
  /** How many there are, without reading them. */
  count(): MaybePromise<number>
  /** True once messages were shown: a page with them is for this once, and no cache keeps it. */
  readonly hasShown?: boolean
  /** Messages below this are not kept. */
  level: number
}

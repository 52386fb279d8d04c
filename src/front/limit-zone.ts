/**
 * States of a `limit_req_zone` or `limit_conn_zone` by key, least recently used first. Each worker has its own: with
 * several workers a limit holds for each of them.
 */
import type { Word } from '../config/ast.ts'
import type { ParseContext } from '../config/directive.ts'
import { parseSize } from '../util/size.ts'

/** What nginx needs for a state at least, bytes: how many states a zone of some size holds. */
const STATE_BYTES = 128
const MIN_ZONE_BYTES = 8 * 4096

export class LimitZone<S> {
  readonly #states = new Map<string, S>()
  readonly #most: number

  constructor(bytes: number) {
    this.#most = Math.floor(bytes / STATE_BYTES)
  }

  /** Makes the state the most recently used one. */
  get(key: string): S | undefined {
    const state = this.#states.get(key)
    if (state === undefined) return undefined
    this.#states.delete(key)
    this.#states.set(key, state)
    return state
  }

  get full(): boolean {
    return this.#states.size >= this.#most
  }

  /** The oldest state gives way when the zone is full. */
  set(key: string, state: S): void {
    this.#states.delete(key)
    if (this.full)
      for (const oldest of this.#states.keys()) {
        this.#states.delete(oldest)
        break
      }
    this.#states.set(key, state)
  }

  delete(key: string): void {
    this.#states.delete(key)
  }
}

export interface ZoneName {
  readonly name: string
  readonly bytes: number
}

/** `zone=name:size`. */
export function parseZone({ text }: Word, at: ParseContext): ZoneName {
  const colon = text.indexOf(':')
  if (colon < 0) return at.fail(`invalid zone size "${text}"`)
  const name = text.slice(5, colon)
  const bytes = parseSize(text.slice(colon + 1))
  if (name === '' || bytes === undefined) return at.fail(`invalid zone size "${text}"`)
  if (bytes < MIN_ZONE_BYTES) at.fail(`zone "${name}" is too small`)
  return { name, bytes }
}

export const LIMIT_LOG_LEVELS = ['info', 'notice', 'warn', 'error'] as const

/** A pattern as a tree, with options, names and comments resolved. */
import type { ByteSet } from './byte-set.ts'

export type Node =
  /** One byte. */
  | { readonly kind: 'set'; readonly set: ByteSet }
  /** A condition on the position; `source` is its RegExp. */
  | { readonly kind: 'assertion'; readonly source: string }
  /** `\R`: CRLF or a line end of one byte, never the CR of a CRLF alone. */
  | { readonly kind: 'newline' }
  /** `number` is that of a capturing group, as PCRE counts. */
  | { readonly kind: 'group'; readonly number?: number; readonly body: Alternation }
  | { readonly kind: 'atomic'; readonly body: Alternation }
  | {
      readonly kind: 'look'
      readonly behind: boolean
      readonly negative: boolean
      readonly body: Alternation
      readonly offset: number
    }
  | {
      readonly kind: 'reference'
      readonly group: number | string
      readonly caseless: boolean
      readonly offset: number
      /** Where its name or number stands. */
      readonly nameOffset: number
    }
  | Repeat

export interface Repeat {
  readonly kind: 'repeat'
  readonly item: Node
  readonly min: number
  readonly max: number
  readonly mode: 'greedy' | 'lazy' | 'possessive'
  /** Offset of the quantifier. */
  readonly offset: number
}

/** Branches, each a sequence. */
export type Alternation = readonly (readonly Node[])[]

/** A fault in a pattern: what PCRE2 refuses, or what has no RegExp of the same meaning. */
export class PatternFault extends Error {
  readonly kind: 'syntax' | 'unsupported'
  readonly offset: number

  constructor(kind: 'syntax' | 'unsupported', message: string, offset: number) {
    super(message)
    this.kind = kind
    this.offset = offset
  }
}

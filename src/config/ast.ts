/**
 * The syntax tree of a conf: plain JSON, so that a master can hand the conf of its generation to workers it spawns
 * later, whatever happened to the files since.
 */

/** One word of a statement, unquoted and unescaped. `quoted` tells `""` and `"{"` from syntax. */
export interface Word {
  readonly text: string
  readonly quoted: boolean
}

/** One directive as written. `include` never appears: its files' statements stand in its place. */
export interface Statement {
  readonly name: string
  readonly args: readonly Word[]
  /** Present when the statement opened a block, empty for `{}`. */
  readonly block?: readonly Statement[]
  /** Line of the block's `}`: what nginx names in faults found when the block is whole (`no servers are inside upstream`). */
  readonly endLine?: number
  readonly file: string
  /** 1-based line of the `;` or `{` that ended it: the line nginx names in its diagnostics. 0 in text of `-g`. */
  readonly line: number
  /** A syntax error met here. Binding stops at it, so that an earlier fault is reported first, as nginx does. */
  readonly error?: string
}

type Messages = string | readonly string[]

/**
 * Thrown by `clean` hooks, by a row's `clean()`, and by schemas: what was sent is not right. The messages are for the
 * person who typed it; by field name where an object is given, '' being the form as a whole.
 */
export class ValidationError extends Error {
  override readonly name = 'ValidationError'
  /** Null where the messages are about whatever was being checked. */
  readonly byField: ReadonlyMap<string, readonly string[]> | null
  readonly messages: readonly string[]

  constructor(problem: Messages | Readonly<Record<string, Messages>>) {
    const isList = typeof problem === 'string' || Array.isArray(problem)
    const byField = isList ? null : new Map(Object.entries(problem).map(([name, one]) => [name, listOf(one)]))
    const messages = byField === null ? listOf(problem as Messages) : [...byField.values()].flat()
    super(messages.join(' '))
    this.byField = byField
    this.messages = messages
  }
}

const listOf = (messages: Messages): readonly string[] =>
  typeof messages === 'string' ? [messages] : messages

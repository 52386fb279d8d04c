/** What is thrown is anything at all: nothing here throws, or the report of an error would be another one. */

/** An error may be its own cause. */
const MAX_CAUSES = 5
/** Of what is no error. */
const MAX_TEXT = 2000
const UNTOLD = 'something that cannot be made text'

/** Stack and causes of an error, `threw 5` for what is none. `maxLines` of each stack. */
export function thrownText(thrown: unknown, maxLines = Infinity): string {
  const [own = '', ...causes] = stacksOf(thrown).map((stack) => firstLines(stack, maxLines))
  const all = [thrown instanceof Error ? own : `threw ${own}`, ...causes]
  return all.join('\ncaused by ')
}

/** The stack of an error and those of its causes; of what is no error its text. */
export function stacksOf(thrown: unknown): string[] {
  const stacks: string[] = []
  for (let at = thrown; stacks.length <= MAX_CAUSES; at = causeOf(at)) {
    if (at === undefined && stacks.length > 0) break
    stacks.push(stackText(at))
  }
  return stacks
}

/** Of the error alone. */
export function stackText(thrown: unknown): string {
  if (!(thrown instanceof Error)) return valueText(thrown)
  const stack: unknown = attempt(() => thrown.stack)
  // Not a string where `Error.prepareStackTrace` was somebody's when it was made.
  if (typeof stack === 'string') return stack
  return attempt(() => `${thrown.name}: ${thrown.message}`) ?? UNTOLD
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof Error ? attempt(() => thrown.cause) : undefined
}

function firstLines(text: string, count: number): string {
  return count === Infinity ? text : text.split('\n').slice(0, count).join('\n')
}

/** A value as it prints; an object without a text of its own as JSON. */
export function valueText(value: unknown): string {
  const text = attempt(() => String(value))
  if (text !== undefined && text !== '[object Object]') return text.slice(0, MAX_TEXT)
  const json = attempt(() => JSON.stringify(value) as string | undefined)
  return json?.slice(0, MAX_TEXT) ?? text ?? UNTOLD
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}

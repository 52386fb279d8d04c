/** Levels of messages, with Django's numbers. */
export const levels = { debug: 10, info: 20, success: 25, warning: 30, error: 40 } as const

/** One message for one user, shown once. */
export interface Message {
  readonly level: number
  readonly text: string
  /** More css classes than the level's. */
  readonly extraTags: string
  /** The level's name and the extra tags. */
  readonly tags: string
  readonly levelTag: string
}

const names: ReadonlyMap<number, string> = new Map(
  Object.entries(levels).map(([name, level]) => [level, name]),
)

/** @param custom names for levels of the application's own */
export function makeMessage(
  level: number,
  text: string,
  extraTags: string,
  custom: Readonly<Record<number, string>>,
): Message {
  const levelTag = custom[level] ?? names.get(level) ?? ''
  const tags = [extraTags, levelTag].filter((tag) => tag !== '').join(' ')
  return new ShownMessage({ level, text, extraTags, tags, levelTag })
}

/** `{{ message }}` is its text, as in Django. */
class ShownMessage implements Message {
  readonly level: number
  readonly text: string
  readonly extraTags: string
  readonly tags: string
  readonly levelTag: string

  constructor({ level, text, extraTags, tags, levelTag }: Message) {
    this.level = level
    this.text = text
    this.extraTags = extraTags
    this.tags = tags
    this.levelTag = levelTag
  }

  toString(): string {
    return this.text
  }
}

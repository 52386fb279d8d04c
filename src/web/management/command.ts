import type { ManagementSite } from './management-site.ts'

/** One line on a terminal that the next replaces, for work that takes its time. */
export interface ManagementProgress {
  show(line: string): void
  /** Before anything else is written. */
  clear(): void
}

/** What a command may ask of the process that runs it. Only the command line itself knows arguments and environment. */
export interface ManagementContext {
  /** After `portico manage`. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly write: (text: string) => void
  readonly writeError: (text: string) => void
  /** Null where nobody watches: then what is written is for logs. */
  readonly progress?: ManagementProgress | null
  /** Asks whoever sits there. Null where nobody does. */
  readonly prompt: ((question: string, options: { readonly hidden: boolean }) => Promise<string>) | null
  /** Opens a prompt of JavaScript with these names; ends when it is left. */
  readonly openShell: (names: Readonly<Record<string, unknown>>) => Promise<void>
  /** Runs test files; gives whether all passed. */
  readonly runTests: (files: readonly string[]) => Promise<boolean>
}

type OptionKind = {
  readonly type: 'boolean' | 'string'
  readonly multiple?: boolean
  readonly short?: string
  /** What stands for the value in `--help`. */
  readonly value?: string
  readonly help?: string
}

/** The options that were given, by name. */
export type OptionValues = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

/** A command of `portico manage`. */
export interface ManagementCommand {
  /** One line. */
  readonly help: string
  /** What stands after the name: `[APP] [NAME]`. */
  readonly usage?: string
  readonly options?: Readonly<Record<string, OptionKind>>
  /** Gives the exit code; nothing is 0. @throws CommandError for what the user can put right */
  run(site: ManagementSite, options: OptionValues, args: readonly string[]): Promise<number | void>
}

/** A command cannot do what it is asked to. The message is for the user, and says the next step. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

export const flag = (options: OptionValues, name: string): boolean => options[name] === true

export function text(options: OptionValues, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

export function texts(options: OptionValues, name: string): string[] {
  const value = options[name]
  return Array.isArray(value) ? value.map(String) : []
}

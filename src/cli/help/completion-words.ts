/** What may stand where on the command line, for every shell. */
import { MANAGEMENT_COMMANDS } from '../../web/management/execute.ts'
import { COMMANDS, SERVER_HELP, type CommandHelp, type CommandOption } from './command-table.ts'
import { commandNames } from './help-text.ts'

export interface CompletedOption {
  /** As they are typed, hyphens included. */
  readonly names: readonly string[]
  readonly takes: 'nothing' | 'word' | 'file' | 'folder'
  readonly choices: readonly string[]
  readonly help: string
}

export interface CompletedCommand {
  /** Nothing for the server itself, which comes first. */
  readonly path: readonly string[]
  readonly summary: string
  /** What may follow besides options. */
  readonly words: readonly string[]
  readonly options: readonly CompletedOption[]
}

export function completedCommands(): CompletedCommand[] {
  const managed = [...MANAGEMENT_COMMANDS]
  const wordsOf = (name: string, { words = [] }: CommandHelp): readonly string[] =>
    name === 'manage' ? managed.map(([one]) => one) : name === 'help' ? commandNames() : words
  const settings = COMMANDS.manage.options
  return [
    { path: [], summary: SERVER_HELP.summary, words: [], options: optionsOf(SERVER_HELP.options, true) },
    ...commandNames().map((name) => ({
      path: [name],
      summary: COMMANDS[name].summary,
      words: wordsOf(name, COMMANDS[name]),
      options: optionsOf(COMMANDS[name].options),
    })),
    ...managed.map(([name, { help, options }]) => ({
      path: ['manage', name],
      summary: help,
      words: [],
      options: optionsOf({ ...options, ...settings }),
    })),
  ]
}

type Described = Readonly<Record<string, Partial<CommandOption> & Pick<CommandOption, 'type'>>>

function optionsOf(options: Described, lettersOnly = false): CompletedOption[] {
  return Object.entries(options).map(([name, { type, short, value, choices = [], help = '' }]) => ({
    names: [...(short === undefined ? [] : [`-${short}`]), ...(lettersOnly ? [] : [`--${name}`])],
    takes: type === 'boolean' ? 'nothing' : value === 'FILE' ? 'file' : value === 'DIR' ? 'folder' : 'word',
    choices,
    help,
  }))
}

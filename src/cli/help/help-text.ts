/** What `portico help` prints. */
import { nearest } from '../../util/edit-distance.ts'
import {
  COMMANDS,
  SERVER_HELP,
  type CommandHelp,
  type CommandName,
  type CommandOption,
} from './command-table.ts'

const WIDTH = 112

/** All that is known of a command. */
export function helpText(name: CommandName): string {
  return pageOf(`portico ${name}`, COMMANDS[name])
}

/** After a word that is none of the command's. */
export function usageText(name: CommandName): string {
  return `${usageOf(`portico ${name}`, COMMANDS[name])}Every option: portico help ${name}\n`
}

/** `portico -h`: the server's own options, and the names of the commands. */
export function overviewText(): string {
  const names: readonly CommandName[] = commandNames()
  return [
    usageOf('portico', SERVER_HELP),
    '       portico COMMAND ... (portico help COMMAND)\n',
    section('Options', Object.entries(SERVER_HELP.options).map(serverRow)),
    section(
      'Commands',
      names.map((name) => [name, COMMANDS[name].summary]),
    ),
    section('Examples', SERVER_HELP.examples),
  ].join('')
}

export function commandNames(): readonly CommandName[] {
  return Object.keys(COMMANDS).filter(isCommandName)
}

export function isCommandName(word: string): word is CommandName {
  return Object.hasOwn(COMMANDS, word)
}

export function unknownCommand(word: string): string {
  const meant = nearest(word, commandNames())
  const hint = meant === undefined ? '' : `, did you mean "${meant}"?`
  return `portico: unknown command "${word}"${hint}\n  portico help lists all commands\n`
}

function pageOf(program: string, command: CommandHelp): string {
  const { summary, about = [], operands = [], options, exits = [], examples } = command
  const prose = [summary, ...(about.length > 0 ? ['', ...about] : [])]
  const codes: (readonly [string, string])[] = exits.map(([code, meaning]) => [String(code), meaning])
  if (!exits.some(([code]) => code === 0)) codes.unshift(['0', 'done'])
  if (!exits.some(([code]) => code === 1)) codes.push(['1', 'a fault, which stderr names'])
  return [
    usageOf(program, command),
    `\n${prose.join('\n')}\n`,
    section('', operands),
    section('Options', Object.entries(options).map(optionRow)),
    section('Exit codes', codes),
    section('Examples', examples),
  ].join('')
}

function usageOf(program: string, { usage }: CommandHelp): string {
  return usage.map((line, at) => `${at === 0 ? 'Usage: ' : '       '}${program} ${line}\n`).join('')
}

type Row = readonly [left: string, right: string]

function optionRow([name, option]: readonly [string, CommandOption]): Row {
  const short = option.short === undefined ? '' : `-${option.short}, `
  return [`${short}--${name}${valueOf(option)}`, meaningOf(option)]
}

/** The server has letters only, as nginx has. */
function serverRow([, option]: readonly [string, CommandOption]): Row {
  return [`-${option.short ?? ''}${valueOf(option)}`, meaningOf(option)]
}

function valueOf({ value }: CommandOption): string {
  return value === undefined ? '' : ` ${value}`
}

function meaningOf({ help, choices, multiple, byDefault }: CommandOption): string {
  const notes = [
    ...(multiple ? ['may be repeated'] : []),
    ...(byDefault === undefined ? [] : [`default: ${byDefault}`]),
  ]
  const among = choices === undefined ? '' : `: ${choices.join(', ')}`
  return `${help}${among}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`
}

/** Two columns, or the meaning under its word where both do not fit. */
function section(title: string, rows: readonly Row[]): string {
  if (rows.length === 0) return ''
  const widest = Math.max(...rows.map(([left]) => left.length))
  const column = widest > WIDTH / 2 ? 0 : widest
  const lines = rows.map(([left, right]) =>
    column === 0
      ? `  ${left}\n      ${right}\n`
      : `  ${left.padEnd(column)}  ${wrap(right, WIDTH - column - 4).join(`\n${' '.repeat(column + 4)}`)}\n`,
  )
  return `\n${title === '' ? '' : `${title}:\n`}${lines.join('')}`
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

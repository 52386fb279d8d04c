/** One table of commands: what is parsed, what is explained and what is completed are the same. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parseAppOptions } from '../../../src/cli/app-options.ts'
import { parseServerArguments } from '../../../src/cli/arguments.ts'
import { COMMANDS, SERVER_HELP, type CommandHelp } from '../../../src/cli/help/command-table.ts'
import {
  commandNames,
  helpText,
  overviewText,
  unknownCommand,
  usageText,
} from '../../../src/cli/help/help-text.ts'
import { MANAGEMENT_COMMANDS } from '../../../src/web/management/execute.ts'

const MAIN = readFileSync(new URL('../../../src/cli/main.ts', import.meta.url), 'utf8')
/** Started by the program itself. */
const INNER = ['--version', 'worker', 'watch-loop', 'serve-passwords', 'dev-app', '--help']

const TABLE: [string, CommandHelp][] = commandNames().map((name) => [name, COMMANDS[name]])

describe('The table of commands', () => {
  it('has every command that main starts, and no other', () => {
    const cases = [...MAIN.matchAll(/^ {2}case '([^']+)'/gm)].map(([, name]) => name)
    expect(cases.filter((name) => !INNER.includes(name ?? '')).sort()).toEqual([...commandNames()].sort())
  })

  it('has every letter of the server, and no other', () => {
    const letters = Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ')
    const isKnown = (letter: string): boolean => {
      try {
        parseServerArguments([`-${letter}`, 'stop'])
      } catch (error) {
        return !String(error).includes(`invalid option: "${letter}"`) && !String(error).includes('"stop"')
      }
      return true
    }
    const takesNothing = (letter: string): boolean => {
      try {
        parseServerArguments([`-${letter}`])
        return true
      } catch {
        return false
      }
    }
    const rows = Object.values(SERVER_HELP.options)
    const documented = rows.map(({ short = '' }) => short)
    expect(letters.filter((letter) => isKnown(letter) || takesNothing(letter)).sort()).toEqual(
      documented.sort(),
    )
    for (const { short = '', type } of rows) expect(takesNothing(short)).toBe(type === 'boolean')
    for (const signal of SERVER_HELP.options['signal']?.choices ?? [])
      expect(parseServerArguments(['-s', signal]).signal).toBe(signal)
  })

  it.each(TABLE)('explains every option of %s', (name, { options, examples, summary }) => {
    const text = helpText(name as keyof typeof COMMANDS)
    expect(text).toMatch(new RegExp(`^Usage: portico ${name} `))
    expect(text).toContain(summary)
    expect(text).toContain('Exit codes:\n  0  ')
    expect(examples.length).toBeGreaterThan(0)
    for (const [option, { type, short, value, help }] of Object.entries(options)) {
      const letter = short === undefined ? '' : `-${short}, `
      const line = `  ${letter}--${option}${value === undefined ? '' : ` ${value}`}  `
      expect(`${text.replaceAll('\n', '  \n')}`).toContain(line)
      expect(help).not.toBe('')
      expect(value === undefined).toBe(type === 'boolean')
    }
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(118)
  })

  it.each(TABLE)('takes the examples of %s for what its parser accepts', (name, { options, examples }) => {
    for (const [line] of examples) {
      const words = /portico (\S+)([^>)]*)/.exec(line)
      expect(words?.[1]).toBe(name)
      const args = (words?.[2] ?? '').trim().split(/\s+/)
      expect(() => parseArgs({ args, allowPositionals: true, options })).not.toThrow()
    }
  })

  it('gives `portico app` no option that says nothing', () => {
    const values = new Map([
      ['allow', '10.0.0.0/8'],
      ['env', 'A=b'],
      ['listen', '127.0.0.1:9000'],
      ['log-level', 'warn'],
      ['protocol', 'uwsgi'],
      ['reload-on-rss', '500m'],
      ['umask', '022'],
      ['user', 'root'],
    ])
    const given = Object.entries<CommandHelp['options'][string]>(COMMANDS.app.options)
      .filter(([, { type }]) => type === 'string')
      .flatMap(([name]) => [`--${name}`, values.get(name) ?? '5'])
    expect(parseAppOptions(given)?.scope).toBeDefined()
  })

  it('names a command that was probably meant', () => {
    expect(unknownCommand('stauts')).toBe(
      'portico: unknown command "stauts", did you mean "status"?\n  portico help lists all commands\n',
    )
    expect(unknownCommand('xyzzy')).toBe(
      'portico: unknown command "xyzzy"\n  portico help lists all commands\n',
    )
    expect(usageText('probe')).toBe(
      'Usage: portico probe [--timeout SECONDS] URL\nEvery option: portico help probe\n',
    )
    for (const name of commandNames()) expect(overviewText()).toContain(`\n  ${name} `)
  })
})

describe('The table of management commands', () => {
  it.each([...MANAGEMENT_COMMANDS])('explains every option of %s', (_name, { help, options = {} }) => {
    expect(help).toMatch(/\.$/)
    for (const option of Object.values(options)) {
      expect(option.help).toBeTruthy()
      expect(option.value === undefined).toBe(option.type === 'boolean')
    }
  })
})

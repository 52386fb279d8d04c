/** `portico completion`: what a shell has to know. */
import { parseArgs } from 'node:util'
import { COMMANDS } from './command-table.ts'
import { bashCompletion, zshCompletion } from './completion-bash.ts'
import { fishCompletion } from './completion-fish.ts'
import { completedCommands } from './completion-words.ts'
import { helpText, usageText } from './help-text.ts'

const SHELLS = new Map([
  ['bash', bashCompletion],
  ['zsh', zshCompletion],
  ['fish', fishCompletion],
])

/** Answers the exit code. */
export function completionCommand(argv: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: COMMANDS.completion.options,
  })
  const [shell = ''] = positionals
  const write = SHELLS.get(shell)
  if (values.help) process.stdout.write(helpText('completion'))
  else if (write) process.stdout.write(write(completedCommands()))
  else process.stderr.write(`portico: completion: for which shell?\n${usageText('completion')}`)
  return values.help || write ? 0 : 1
}

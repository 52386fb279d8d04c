/** `portico help`. */
import { manageCommand } from '../manage-command.ts'
import { helpText, isCommandName, overviewText, unknownCommand } from './help-text.ts'

/** Answers the exit code. */
export function helpCommand([name, ...rest]: readonly string[]): number | Promise<number> {
  if (name === undefined || name.startsWith('-')) {
    process.stdout.write(overviewText())
    return 0
  }
  if (name === 'manage' && rest[0] !== undefined) return manageCommand([rest[0], '--help'])
  if (isCommandName(name)) {
    process.stdout.write(helpText(name))
    return 0
  }
  process.stderr.write(unknownCommand(name))
  return 1
}

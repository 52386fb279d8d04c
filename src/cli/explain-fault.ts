/** What a command ended with, in words for whoever typed it; the whole way of the error for what is a fault of ours. */
import { ConfigError } from '../config/config-error.ts'
import { isCommandName, usageText } from './help/help-text.ts'
import { nextStep } from './next-step.ts'
import { SiteError } from './service/site.ts'

export function explainFault(command: string, error: unknown): string {
  if (error instanceof ConfigError) return `portico: ${error.toString()}\n${nextStep(error.message)}`
  if (error instanceof SiteError) return `portico: ${command}: ${error.message}\n`
  if (!(error instanceof Error)) return `portico: ${String(error)}\n`
  if (isOfWords(error) && isCommandName(command))
    return `portico: ${command}: ${firstSentence(error.message)}\n${usageText(command)}`
  if ('syscall' in error) return `portico: ${command}: ${error.message}\n${nextStep(error.message)}`
  return `portico: ${error.stack ?? error.message}\n`
}

/** Of `parseArgs`: an option that is not there, or lacks its value. */
function isOfWords(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && error.code.startsWith('ERR_PARSE_ARGS')
}

/** What follows it is about words that begin with a hyphen. */
function firstSentence(message: string): string {
  return message.split('. ', 1)[0] ?? message
}

/** `portico directives`: what the conf may say. */
import { describeDirective, directiveReference } from './directive-reference.ts'
import { helpText } from './help/help-text.ts'

/** Answers the exit code: 1 for a name that is no directive. */
export function directivesCommand(names: readonly string[]): number {
  if (names.length === 0 || names.includes('--help') || names.includes('-h')) {
    process.stdout.write(helpText('directives'))
    return 0
  }
  if (names[0] === '--markdown') {
    process.stdout.write(directiveReference())
    return 0
  }
  let code = 0
  for (const name of names) {
    const text = describeDirective(name)
    if (text !== undefined) process.stdout.write(text)
    else {
      process.stderr.write(`portico: unknown directive "${name}"\n`)
      code = 1
    }
  }
  return code
}

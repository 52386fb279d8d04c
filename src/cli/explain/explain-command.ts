/** `portico explain`: why a request is answered as it is. */
import { ConfigError } from '../../config/config-error.ts'
import { UsageError } from '../arguments.ts'
import { helpText, usageText } from '../help/help-text.ts'
import { placesOf, readConf } from '../load-conf.ts'
import { ExplainError } from './choose-listen-point.ts'
import { parseExplainArguments } from './explain-arguments.ts'
import { explainRequest } from './explain-request.ts'
import { traceText } from './trace-text.ts'

/** Answers the exit code: 0 explained, 1 the conf or the command line has a fault. */
export async function explainCommand(argv: readonly string[]): Promise<number> {
  try {
    const { help, json, target, prefix, conf, directives } = parseExplainArguments(argv)
    if (help || !target) {
      process.stdout.write(helpText('explain'))
      return 0
    }
    const places = placesOf({ prefix, conf, errorLog: '/dev/null' }, process.cwd())
    const trace = await explainRequest(readConf(places, directives), places, target)
    process.stdout.write(json ? `${JSON.stringify(trace, undefined, 2)}\n` : traceText(trace, places.prefix))
    return 0
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`portico: ${error.toString()}\n`)
    else if (error instanceof UsageError)
      process.stderr.write(`portico: ${error.message}\n${usageText('explain')}`)
    else if (error instanceof ExplainError) process.stderr.write(`portico: ${error.message}\n`)
    else throw error
    return 1
  }
}

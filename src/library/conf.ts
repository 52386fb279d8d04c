/** Confs as values: read, judged, not run. */
import { planServer } from '../cli/plan-server.ts'
import type { Statement } from '../config/ast.ts'
import { ConfigError } from '../config/config-error.ts'
import { LogDestinations } from '../io/log-destination.ts'
import { loadSource } from './load-source.ts'

/** Where a conf comes from. */
export interface ConfSource {
  /** The text of the main file, in the place of what the file holds, which need not be there. */
  readonly text?: string
  /** The main file, relative to the prefix: `conf/portico.conf` by default. Paths of `include` begin at its folder. */
  readonly file?: string
  /** What other relative paths begin at: the current folder by default. */
  readonly prefix?: string
}

/** One directive of a conf as it is written, in the order of the files, with what is included in its place. */
export interface ConfStatement {
  /** The directive's name. */
  readonly name: string
  /** Its words, without quotes. */
  readonly args: readonly string[]
  /** What stands in its braces; undefined where it ends with a semicolon. */
  readonly block: readonly ConfStatement[] | undefined
  /** The file that it stands in. */
  readonly file: string
  /** The line that it ends on, or that its block begins on; from 1. */
  readonly line: number
}

/** What is wrong with a conf, in nginx's words. */
export interface ConfFault {
  /** `emerg`: nothing is started with it. `warn`: something is not as it reads. */
  readonly level: 'emerg' | 'warn'
  /** What is wrong, without the place. */
  readonly message: string
  /** The file it stands in; undefined where it stands in none. */
  readonly file: string | undefined
  /** The line, from 1. */
  readonly line: number | undefined
}

/** What `checkConf` found. */
export interface ConfReport {
  /** Whether a server would start with it. */
  readonly valid: boolean
  /** Warnings in the order of the conf; the fault that ends it last. */
  readonly faults: readonly ConfFault[]
}

/**
 * The syntax tree of a conf with all files that it includes. What the directives mean is not looked at.
 *
 * @throws ConfigError for the first fault of the syntax and for a file that cannot be read
 */
export function parseConf(source: ConfSource): readonly ConfStatement[] {
  return statementsOf(loadSource(source).conf.statements)
}

/** Judges a conf as `portico -t` does: what a server needs to start with it is there, but nothing listens. */
export function checkConf(source: ConfSource): ConfReport {
  const logs = new LogDestinations()
  try {
    const { conf, places } = loadSource(source)
    return { valid: true, faults: planServer(conf, places, { logs }).warnings.map(faultOf) }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { valid: false, faults: [...error.earlier, error].map(faultOf) }
  } finally {
    logs.close()
  }
}

function statementsOf(statements: readonly Statement[]): readonly ConfStatement[] {
  return statements.map(({ name, args, block, file, line, error }) => {
    if (error !== undefined) throw new ConfigError(error, { file, line })
    return { name, args: args.map((word) => word.text), block: block && statementsOf(block), file, line }
  })
}

function faultOf({ level, message, file, line }: ConfigError): ConfFault {
  return { level, message, file, line }
}

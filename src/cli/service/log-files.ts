/** The files that a conf logs to, for those who rotate them or let them be written. */
import { resolve } from 'node:path'
import type { Statement } from '../../config/ast.ts'

const LOGS = new Set(['access_log', 'error_log'])

/** Absolute paths. `errorLog`: where errors go if the conf does not say. */
export function logFiles(
  statements: readonly Statement[],
  { prefix, errorLog }: { readonly prefix: string; readonly errorLog: string },
): string[] {
  const files = new Set<string>()
  if (errorLog !== 'stderr' && !statements.some(({ name }) => name === 'error_log')) files.add(errorLog)
  const walk = (list: readonly Statement[]): void => {
    for (const { name, args, block } of list) {
      const path = args[0]?.text ?? ''
      if (LOGS.has(name) && isFilePath(path)) files.add(resolve(prefix, path))
      if (block) walk(block)
    }
  }
  walk(statements)
  return [...files]
}

/** A path with variables is one file for each request: whoever writes that sees to them. */
function isFilePath(path: string): boolean {
  return !/^(?:off|stderr|)$|^(?:syslog|memory):|^\/dev\/|\$/.test(path)
}

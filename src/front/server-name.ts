/** The arguments of `server_name`, checked as nginx checks them where they stand. */
import type { ParseContext } from '../config/directive.ts'
import { Pcre } from '../config/pcre.ts'

/** Gives the name back. @throws ConfigError */
export function checkServerName(name: string, at: ParseContext): string {
  if (name.startsWith('~')) {
    if (name.length === 1) at.fail(`empty regex in server name "${name}"`)
    new Pcre(name.slice(1), { caseless: true })
    return name
  }
  const star = name.startsWith('*') && (name.length < 3 || name[1] !== '.')
  if (star || name === '.') at.fail(`server name "${name}" is invalid`)
  if (name.includes('/')) at.warn(`server name "${name}" has suspicious symbols`)
  return name
}

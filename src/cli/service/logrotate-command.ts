/** `portico logrotate`: the log files of a conf, for logrotate. */
import { parseArgs } from 'node:util'
import { COMMANDS } from '../help/command-table.ts'
import { helpText } from '../help/help-text.ts'
import { readSite, SiteError, type Site } from './site.ts'

/** Answers the exit code. @throws ConfigError, SiteError */
export function logrotateCommand(argv: readonly string[]): number {
  const { values } = parseArgs({ args: [...argv], options: COMMANDS.logrotate.options })
  process.stdout.write(
    values.help ? helpText('logrotate') : logrotateText(readSite(values.prefix, values.conf)),
  )
  return 0
}

/** @throws SiteError where there is nothing to rotate */
export function logrotateText({ places, logs, pidFile, owner }: Site): string {
  if (logs.length === 0)
    throw new SiteError(
      `${places.confPath} logs to no file: journald and container engines rotate by themselves; to have files, write: access_log logs/access.log;`,
    )
  // logrotate does not touch files in a folder that others than root may write to, unless it becomes that user
  const su = owner.uid === 0 ? '' : `    su ${owner.name} ${owner.group}\n`
  return `# Made by: portico logrotate -p ${places.prefix} -c ${places.confPath}
${logs.map(quoted).join('\n')}
{
${su}    daily
    rotate 14
    missingok
    notifempty
    compress
    delaycompress
    sharedscripts
    # The server makes its logs anew when it hears USR1.
    nocreate
    postrotate
        if [ -f ${shellQuoted(pidFile)} ]; then kill -USR1 "$(cat ${shellQuoted(pidFile)})"; fi
    endscript
}
`
}

function quoted(path: string): string {
  return `"${path.replaceAll('"', '\\"')}"`
}

function shellQuoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}

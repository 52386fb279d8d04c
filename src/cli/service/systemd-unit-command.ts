/** `portico systemd-unit`: a site as a service of systemd. */
import { parseArgs } from 'node:util'
import { COMMANDS } from '../help/command-table.ts'
import { helpText } from '../help/help-text.ts'
import { ownArguments } from '../own-program.ts'
import { readSite, type Site } from './site.ts'

/** Beyond what workers have for their last requests, for the master to see their end. */
const TIME_TO_END_SECONDS = 10

/** Answers the exit code. @throws ConfigError, SiteError */
export function systemdUnitCommand(argv: readonly string[]): number {
  const { values } = parseArgs({ args: [...argv], options: COMMANDS['systemd-unit'].options })
  process.stdout.write(
    values.help
      ? helpText('systemd-unit')
      : unitText(readSite(values.prefix, values.conf, values.user), [process.execPath, ...ownArguments([])]),
  )
  return 0
}

/** `program`: how this very program is started. */
export function unitText(site: Site, program: readonly string[]): string {
  const { places, pidFile, owner, foldersOutside, shutdownTimeoutMs } = site
  const start = command([...program, '-p', places.prefix, '-c', places.confPath])
  const isRoot = owner.uid === 0
  return `# Made by: portico systemd-unit -p ${places.prefix} -c ${places.confPath}
[Unit]
Description=Portico, ${places.prefix}
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
# READY=1 is sent by systemd-notify, a child of the master.
NotifyAccess=all
${isRoot ? '# The master is root: directive "user" of the conf says who its workers are.' : `User=${owner.name}\nGroup=${owner.group}`}
WorkingDirectory=${path(places.prefix)}
ExecStart=${start}
# A conf with a fault is named here, and what runs stays.
ExecReload=${start} -t -q
ExecReload=/bin/kill -HUP $MAINPID
# QUIT lets requests end; what is left after the time is killed.
KillSignal=SIGQUIT
KillMode=mixed
TimeoutStopSec=${Math.ceil(shutdownTimeoutMs / 1000) + TIME_TO_END_SECONDS}
Restart=on-failure
RestartSec=1
LimitNOFILE=65536

# What it may do. MemoryDenyWriteExecute is not here: JavaScript is compiled while it runs.
${isRoot ? ROOT_CAPABILITIES : 'CapabilityBoundingSet=CAP_NET_BIND_SERVICE\nAmbientCapabilities=CAP_NET_BIND_SERVICE'}
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=${[places.prefix, ...foldersOutside].map(path).join(' ')}
ProtectHome=${isHome(places.prefix) || program.some(isHome) ? 'no' : 'yes'}
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
# The process id is in ${pidFile} too.
`
}

const ROOT_CAPABILITIES =
  'CapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_SETUID CAP_SETGID CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_KILL'

/** Folders that ProtectHome= hides. */
function isHome(path: string): boolean {
  return /^\/(?:home|root|run\/user)(?:\/|$)/.test(path)
}

/** systemd.service(5): quotes around blanks, and `%` and `$` have a meaning. */
function command(words: readonly string[]): string {
  return words.map((word) => quoted(path(word).replaceAll('$', '$$$$'))).join(' ')
}

function path(text: string): string {
  return text.replaceAll('%', '%%')
}

function quoted(word: string): string {
  return /^[\w@%+=:,./$-]+$/.test(word) ? word : `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

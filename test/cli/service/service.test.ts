/** What systemd and logrotate are told of a site. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { logrotateText } from '../../../src/cli/service/logrotate-command.ts'
import { readSite, SiteError } from '../../../src/cli/service/site.ts'
import { unitText } from '../../../src/cli/service/systemd-unit-command.ts'
import { freePort } from '../../support/free-port.ts'
import { PorticoServer } from '../../support/portico-server.ts'

let folder = ''
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'portico-service-')))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(conf: string, name = 'shop'): string {
  const path = join(folder, name, 'conf/portico.conf')
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, conf)
  return join(folder, name)
}

const unit = (prefix: string, user?: string): string =>
  unitText(readSite(prefix, undefined, user), ['/usr/bin/node', '/opt/portico/cli.js'])

const CONF = `
worker_shutdown_timeout 90s;
error_log logs/error.log;
events {}
http {
    access_log /var/log/shop/access.log;
    access_log syslog:server=127.0.0.1;
    server {
        listen 127.0.0.1:8905;
        access_log logs/$host.log;
        location /x { access_log off; }
        location /y { access_log "logs/a b.log"; }
    }
}`

describe('portico systemd-unit', () => {
  it('says how the site is started, reloaded and ended', () => {
    const prefix = write(CONF)
    const lines = unit(prefix, 'daemon').split('\n')
    const start = `/usr/bin/node /opt/portico/cli.js -p ${prefix} -c ${prefix}/conf/portico.conf`
    for (const line of [
      'Type=notify',
      'NotifyAccess=all',
      'User=daemon',
      'Group=daemon',
      `WorkingDirectory=${prefix}`,
      `ExecStart=${start}`,
      `ExecReload=${start} -t -q`,
      'ExecReload=/bin/kill -HUP $MAINPID',
      'KillSignal=SIGQUIT',
      'KillMode=mixed',
      'TimeoutStopSec=100',
      `ReadWritePaths=${prefix} /var/log/shop`,
      'AmbientCapabilities=CAP_NET_BIND_SERVICE',
      'ProtectSystem=strict',
    ])
      expect(lines).toContain(line)
  })

  it('leaves a master that is root what it takes to become somebody', () => {
    const text = unit(write(CONF), 'root')
    expect(text).not.toMatch(/^(User|Group|AmbientCapabilities)=/m)
    expect(text).toMatch(/^CapabilityBoundingSet=.*CAP_SETUID CAP_SETGID/m)
  })

  it('quotes what systemd would read otherwise', () => {
    expect(unit(write('events {}', 'a 100%'))).toContain(
      `-p "${folder}/a 100%%" -c "${folder}/a 100%%/conf/portico.conf"`,
    )
  })

  it('is a unit that systemd accepts, where there is one to ask', () => {
    const path = join(folder, 'portico-test.service')
    for (const user of ['daemon', 'root']) {
      writeFileSync(path, unit(write(CONF), user).replaceAll('/usr/bin/node', '/bin/true'))
      if (existsSync('/usr/bin/systemd-analyze'))
        expect(execFileSync('systemd-analyze', ['verify', path], { encoding: 'utf8' })).toBe('')
    }
  })

  it('says what is wrong', () => {
    expect(() => unit(write(CONF), 'no-such-user')).toThrow(
      new SiteError(
        'there is no user "no-such-user" on this machine; make one: useradd --system no-such-user',
      ),
    )
    expect(() => unit(write('nosuch on;', 'bad'))).toThrow('unknown directive "nosuch"')
  })
})

describe('portico logrotate', () => {
  it('names the files of the conf, and how the server hears of it', () => {
    const prefix = write(CONF)
    const text = logrotateText(readSite(prefix, undefined))
    expect(text).toContain(
      `\n"${prefix}/logs/error.log"\n"/var/log/shop/access.log"\n"${prefix}/logs/a b.log"\n{\n`,
    )
    expect(text).toContain(
      `if [ -f ${prefix}/run/portico.pid ]; then kill -USR1 "$(cat ${prefix}/run/portico.pid)"; fi\n`,
    )
  })

  it('is of no use where there are no files', () => {
    const site = readSite(write('events {} http { access_log /dev/stdout; }'), undefined)
    expect(() => logrotateText(site)).toThrow('logs to no file')
  })
})

describe('A service that runs', () => {
  /** In place of systemd's own, which sends the same words as a datagram. */
  const NOTIFY = '#!/bin/sh\nprintf "%s|" "$NOTIFY_SOCKET" "$@" >> "$NOTES"\necho >> "$NOTES"\n'

  it('tells systemd that it serves, and makes its logs anew after logrotate', async () => {
    const bin = join(folder, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'systemd-notify'), NOTIFY)
    chmodSync(join(bin, 'systemd-notify'), 0o755)
    const notes = join(folder, 'notes')
    writeFileSync(notes, '')
    const noted = (): string => readFileSync(notes, 'utf8')
    const port = await freePort()
    const server = await PorticoServer.start({
      conf: `error_log logs/error.log; http { access_log logs/access.log; server { listen 127.0.0.1:${port}; return 200 "x"; } }`,
      files: { 'logs/.keep': '' },
      env: {
        PATH: `${bin}:${process.env['PATH'] ?? ''}`,
        NOTIFY_SOCKET: '/run/notify',
        NOTES: notes,
      },
    })
    try {
      await server.waitFor(() => noted().endsWith('\n'), 'the notification')
      expect(noted()).toBe(
        `/run/notify|--ready|--status=serving 127.0.0.1:${port}|MAINPID=${server.child.pid}|\n`,
      )
      const text = logrotateText(readSite(server.folder, undefined))
      const script = /postrotate\n([^]*)\n\s+endscript/.exec(text)?.[1] ?? 'false'
      server.move('logs/access.log', 'logs/access.log.1')
      execFileSync('sh', ['-c', script])
      await server.waitFor(() => existsSync(server.path('logs/access.log')), 'the log')
    } finally {
      await server.stop()
    }
  })
})

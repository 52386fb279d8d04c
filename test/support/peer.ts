/**
 * Programs that tests compare with or talk to. One that is missing is a failure where CI=true, so that no comparison
 * is lost unnoticed; elsewhere its tests are skipped under a name that says what to install.
 */
import { accessSync, constants, existsSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { describe, it } from 'vitest'

interface Program {
  /** Names of the file, the preferred first; what is no command has its whole path. */
  readonly files: readonly string[]
  /** Debian packages that bring it. */
  readonly packages: string
}

const PROGRAMS = {
  nginx: { files: ['nginx'], packages: 'nginx' },
  uwsgi: { files: ['uwsgi', 'uwsgi-core'], packages: 'uwsgi-core uwsgi-plugin-python3' },
  'php-fpm': { files: ['php-fpm8.2', 'php-fpm8.4', 'php-fpm8.3', 'php-fpm'], packages: 'php-fpm' },
  phpliteadmin: { files: ['/usr/share/phpliteadmin/phpliteadmin.php'], packages: 'phpliteadmin' },
  gunicorn: { files: ['gunicorn', 'gunicorn3'], packages: 'gunicorn' },
  python3: { files: ['python3'], packages: 'python3 python3-django libpcre2-8-0' },
  perl: { files: ['perl'], packages: 'perl' },
  chromium: { files: ['chromium', 'chromium-browser', 'google-chrome'], packages: 'chromium' },
  curl: { files: ['curl'], packages: 'curl' },
  wrk: { files: ['wrk'], packages: 'wrk' },
  h2load: { files: ['h2load'], packages: 'nghttp2-client' },
  openssl: { files: ['openssl'], packages: 'openssl' },
} as const satisfies Readonly<Record<string, Program>>

export type PeerName = keyof typeof PROGRAMS

// the system's folders before PATH: Debian's Django belongs to Debian's python3, whatever else is in front
const FOLDERS = [
  '/usr/bin',
  '/usr/sbin',
  '/usr/local/bin',
  '/usr/local/sbin',
  ...(process.env['PATH'] ?? '').split(':'),
]

/** Path of the program, undefined when it is missing and may be. Throws where it must be there. */
export function requirePeer(name: PeerName): string | undefined {
  const found = findPeer(name)
  if (found === undefined && mustHave()) throw new Error(missing(name))
  return found
}

/** Path of the program; without it, throws. For code inside `describeWithPeer`. */
export function peer(name: PeerName): string {
  const found = findPeer(name)
  if (found === undefined) throw new Error(missing(name))
  return found
}

/** A `describe` that runs with the programs' paths, in the order of `names`, or is skipped. */
export function describeWithPeer(
  names: PeerName | readonly PeerName[],
  title: string,
  body: (...paths: string[]) => void,
): void {
  const wanted = typeof names === 'string' ? [names] : names
  const absent = wanted.filter((name) => findPeer(name) === undefined)
  if (absent.length === 0) {
    describe(title, () => {
      body(...wanted.map(peer))
    })
    return
  }
  const reason = absent.map(missing).join('; ')
  describe(title, () => {
    if (!mustHave()) return it.skip(reason, () => undefined)
    it('has its peers', () => {
      throw new Error(reason)
    })
  })
}

function findPeer(name: PeerName): string | undefined {
  const program: Program = PROGRAMS[name]
  for (const file of program.files) {
    if (isAbsolute(file) && existsSync(file)) return file
    const path = FOLDERS.map((folder) => join(folder, file)).find(isExecutable)
    if (path !== undefined) return path
  }
  return undefined
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function mustHave(): boolean {
  return process.env['CI'] === 'true'
}

function missing(name: PeerName): string {
  return `${name} is not installed: apt-get install ${PROGRAMS[name].packages}`
}

/**
 * The tutorial of README.md, followed to the letter in an empty folder: its files are written, its commands run, in
 * their order. What a machine of the tests does not have is stood in for, and nothing else: a registry of packages
 * (`npm pack`, `npm install`), root and systemd (`sudo`, `systemctl`), a container engine (`docker`).
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from './support/free-port.ts'
import { parseYaml } from './support/yaml-file.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const README = readFileSync(join(ROOT, 'README.md'), 'utf8')
const CLI = join(ROOT, 'dist/cli.js')
const STEP_TIMEOUT_MS = 120_000

interface Step {
  readonly language: string
  /** A file to be written, or `server` for what runs on. */
  readonly title: string
  readonly text: string
}

function stepsOf(section: string): Step[] {
  const from = README.indexOf(`\n## ${section}`)
  if (from < 0) throw new Error(`README.md has no section "${section}"`)
  const end = README.indexOf('\n## ', from + 1)
  const fences = README.slice(from, end).matchAll(/^```(\w+)(?: (\S+))?\n([^]*?)^```$/gm)
  return Array.from(fences, ([, language = '', title = '', text = '']) => ({ language, title, text }))
}

const STEPS = stepsOf('Tutorial')

/** Programs that take the place of those that need a network, root or an engine. */
const STANDINS: Readonly<Record<string, string>> = {
  // the first call comes from nowhere, those after it from the project
  npx: `[ "$1" = --yes ] && shift 3\n[ "$1" = portico ] || exit 9\nshift\nexec node ${CLI} "$@"\n`,
  npm: `case $1 in
pack) touch portico-0.1.0.tgz ;;
install) mkdir -p node_modules/.bin; ln -s ${ROOT} node_modules/portico; ln -s ${CLI} node_modules/.bin/portico
  chmod +x ${CLI}; echo '{}' > package-lock.json ;;
run|test) exec $(command -v sh) -c "PATH=$PWD/node_modules/.bin:$PATH; $(node -p "require('./package.json').scripts['\${2:-test}']")" ;;
*) exit 9 ;;
esac\n`,
  sudo: 'echo "sudo $*" >> "$DONE"\n',
  systemctl: 'echo "systemctl $*" >> "$DONE"\n',
  docker: 'echo "docker $*" >> "$DONE"\n',
}

let folder = ''
let cwd = ''
let ports: readonly (readonly [written: string, used: string])[] = []
const servers: ChildProcess[] = []

const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${join(folder, 'bin')}:${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
  HOME: folder,
  DONE: join(folder, 'done'),
})

/** The addresses of the text are those of one machine; here others are free. */
function withPorts(text: string): string {
  return ports.reduce((all, [written, used]) => all.replaceAll(written, used), text)
}

beforeAll(async () => {
  if (!existsSync(CLI)) throw new Error('A project imports portico/web from dist/: npm run build')
  folder = mkdtempSync(join(tmpdir(), 'portico-tutorial-'))
  mkdirSync(join(folder, 'bin'))
  for (const [name, text] of Object.entries(STANDINS)) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}`)
    chmodSync(join(folder, 'bin', name), 0o755)
  }
  writeFileSync(join(folder, 'done'), '')
  cwd = join(folder, 'empty')
  mkdirSync(cwd)
  ports = [
    ['8080', String(await freePort())],
    ['8443', String(await freePort())],
  ]
})

afterAll(async () => {
  await endServers()
  rmSync(folder, { recursive: true, force: true })
})

async function endServers(): Promise<void> {
  for (const server of servers.splice(0)) {
    const gone = new Promise((resolve) => server.once('close', resolve))
    // the group: a shell, npm's stand-in and the server itself
    if (server.pid !== undefined && server.exitCode === null) process.kill(-server.pid, 'SIGTERM')
    await gone
  }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(cwd, path)), { recursive: true })
  writeFileSync(join(cwd, path), withPorts(text))
}

/** Runs a block as a terminal would: where it ends, the next one begins. */
function runBlock(text: string): string {
  const script = `set -eo pipefail\n${withPorts(text)}pwd > "$HOME/cwd"\n`
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
    cwd,
    env: environment(),
    encoding: 'utf8',
    timeout: STEP_TIMEOUT_MS,
  })
  if (status !== 0) throw new Error(`${text}\nended with ${status}:\n${stdout}${stderr}`)
  cwd = readFileSync(join(folder, 'cwd'), 'utf8').trim()
  if (existsSync(join(cwd, 'conf/portico.conf'))) usePorts('conf/portico.conf')
  return stdout + stderr
}

function usePorts(path: string): void {
  const text = readFileSync(join(cwd, path), 'utf8')
  if (text !== withPorts(text)) writeFileSync(join(cwd, path), withPorts(text))
}

async function startServer(text: string): Promise<void> {
  await endServers()
  const server = spawn('bash', ['-c', `exec ${withPorts(text)}`], {
    cwd,
    env: environment(),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  servers.push(server)
  let output = ''
  server.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()))
  server.stderr.on('data', (bytes: Buffer) => (output += bytes.toString()))
  const port = Number(ports[0]?.[1])
  const end = performance.now() + STEP_TIMEOUT_MS
  while (!(await answers(port))) {
    if (server.exitCode !== null || performance.now() > end) throw new Error(`${text} wrote:\n${output}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

describe('The tutorial of README.md', () => {
  const outputs: string[] = []

  it('has files and commands', () => {
    expect(STEPS.filter(({ title }) => title !== '' && title !== 'server').length).toBeGreaterThan(9)
    expect(STEPS.filter(({ language }) => language === 'sh').length).toBeGreaterThan(6)
    for (const { language, title } of STEPS) expect(language === 'sh' || title !== '').toBe(true)
  })

  it.each(
    STEPS.map((step, at) => [`${at + 1}`, step.title || (step.text.split('\n', 1)[0] ?? ''), step] as const),
  )(
    'step %s: %s',
    async (_at, _name, { language, title, text }) => {
      if (language !== 'sh') write(title, text)
      else if (title === 'server') await startServer(text)
      else outputs.push(runBlock(text))
    },
    STEP_TIMEOUT_MS * 2,
  )

  it('did what its text says', () => {
    const all = outputs.join('\n')
    expect(all).toContain('migrations/0001_initial.ts')
    expect(all).toContain('Applying main.0001_initial... OK')
    expect(all).toMatch(/pass 2\n/)
    expect(all).toMatch(/static files? copied/)
    expect(all).toContain('System check identified 1 issue.')
    expect(all).toContain('test is successful')
    expect(all).toMatch(/\/static\/site\.[0-9a-f]{12}\.css/)
    expect(all).toContain('guestbook')
    expect(readFileSync(join(folder, 'done'), 'utf8').split('\n')).toContain(
      'sudo systemctl enable --now guestbook',
    )
  })

  it('made a unit and a logrotate file of the paths that it is at', () => {
    const unit = readFileSync(join(cwd, 'guestbook.service'), 'utf8')
    expect(unit).toContain(`WorkingDirectory=${cwd}\n`)
    expect(unit).toMatch(/^ExecStart=\S+ \S+cli\.js -p \S+ -c \S+\/conf\/production\.conf$/m)
    expect(readFileSync(join(cwd, 'guestbook.logrotate'), 'utf8')).toContain(`"${cwd}/logs/access.log"`)
  })

  it('has an image of files that are there, and a container that may drain', () => {
    const copied = /^COPY (.+) \.\/$/m.exec(readFileSync(join(cwd, 'Dockerfile'), 'utf8'))?.[1]?.split(' ')
    expect(copied).toHaveLength(3)
    for (const file of copied ?? []) expect(existsSync(join(cwd, file))).toBe(true)
    // openssl's key and .secret-key are read by their owner alone, who has to be the one that the container is.
    expect(readFileSync(join(cwd, 'Dockerfile'), 'utf8')).toMatch(
      /^COPY --chown=node:node \. \.$[^]*^USER node$/m,
    )
    const compose = parseYaml(readFileSync(join(cwd, 'compose.yaml'), 'utf8'))
    expect(compose).toMatchObject({ services: { site: { build: '.', stop_grace_period: '40s' } } })
  })
})

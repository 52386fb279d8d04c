/** `portico new` and `portico manage` as processes: a project that is linked to this package. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PostgresServer, postgresPrograms } from '../web/db/support/postgres-server.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const MAIN = process.env['PORTICO_CLI'] ?? join(ROOT, 'src/cli/main.ts')
const folder = mkdtempSync(join(tmpdir(), 'portico-new-'))
const project = join(folder, 'shop')

function portico(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
  return { status, stdout, stderr }
}

beforeAll(() => {
  if (!existsSync(join(ROOT, 'dist/web.js')))
    throw new Error('A project imports portico/web from dist/: npm run build')
  const { stderr } = portico(['new', 'shop'], folder)
  if (stderr !== '') throw new Error(stderr)
  mkdirSync(join(project, 'node_modules'))
  symlinkSync(ROOT, join(project, 'node_modules/portico'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What has to hold on every database. */
function works(env: () => Readonly<Record<string, string>>): void {
  it('has nothing to complain of, and models that its migration makes', () => {
    expect(portico(['manage', 'check', '--fail-on-warnings'], project, env())).toMatchObject({
      status: 0,
      stderr: '',
    })
    expect(portico(['manage', 'makemigrations', '--check'], project, env()).stdout).toBe(
      'No changes detected\n',
    )
    expect(portico(['manage', 'migrate'], project, env()).stdout).toContain(
      'Applying main.0001_initial... OK',
    )
    expect(portico(['manage', 'migrate'], project, env()).stdout).toContain('No migrations to apply.')
  })

  it('passes its own test', () => {
    const { status, stdout } = portico(['manage', 'test'], project, env())
    expect(stdout).toMatch(/pass 2\n/)
    expect(status).toBe(0)
  })
}

describe('a new project', () => {
  it('depends on the package that made it, and has a secret of its own', () => {
    const { dependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    expect(dependencies).toEqual({ portico: `file:${ROOT.slice(0, -1)}` })
    expect(readFileSync(join(project, '.secret-key'), 'utf8').trim()).toHaveLength(64)
    expect(statSync(join(project, '.secret-key')).mode & 0o777).toBe(0o600)
  })

  it('has a conf that its own program takes', () => {
    expect(portico(['-t'], project)).toMatchObject({ status: 0 })
  })

  it.each([
    [['new', 'shop'], 'is there already, and not empty'],
    [['new', 'Not A Name'], 'is no name for a package'],
    [['manage', 'check'], 'cannot be found from'],
  ])('%j elsewhere is refused', (args, message) => {
    const { status, stderr } = portico(args, folder)
    expect(status).toBe(1)
    expect(stderr).toContain(message)
  })

  describe('on SQLite', () => works(() => ({})))
})

describe.skipIf(postgresPrograms === null)('a new project on PostgreSQL', () => {
  const server = new PostgresServer(postgresPrograms ?? '')
  beforeAll(() => server.start())
  afterAll(() => server.destroy())
  works(() => ({ DATABASE_URL: server.url }))
})

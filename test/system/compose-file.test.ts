/** What docker-compose.yml, the Dockerfile and conf/compose.conf promise each other. `npm run compose-check` runs them. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { DEFAULT_SHUTDOWN_TIMEOUT_MS } from '../../src/process/generation.ts'
import { parseSeconds } from '../../src/util/duration.ts'
import { isMap, parseYaml, type Yaml, type YamlMap } from '../support/yaml-file.ts'
import { runPortico } from '../support/portico-server.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const read = (name: string): string => readFileSync(ROOT + name, 'utf8')

const compose = parseYaml(read('docker-compose.yml'))
const dockerfile = read('Dockerfile')
const conf = read('conf/compose.conf')

function mapAt(value: Yaml | undefined, what: string): YamlMap {
  if (!isMap(value)) throw new Error(`${what} is no mapping`)
  return value
}
function listAt(value: Yaml | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : []
}
const services = mapAt(compose['services'], 'services')
const service = (name: string): YamlMap => mapAt(services[name], name)
const textOf = (map: YamlMap, key: string): string => {
  const value = map[key]
  return typeof value === 'string' ? value : ''
}

/** `25s` in seconds. */
function seconds(text: string): number {
  const value = parseSeconds(text)
  if (value === undefined) throw new Error(`"${text}" is no time`)
  return value
}

const all = ['front', 'app', 'migrate', 'db', 'cache']
const ours = ['front', 'app', 'migrate']
const lasting = ['front', 'app', 'db', 'cache']

test('the services are these', () => {
  expect(Object.keys(services)).toEqual(all)
})

describe('what the world reaches', () => {
  test('is the front alone, on this machine unless somebody says otherwise', () => {
    expect(listAt(service('front')['ports'])).toEqual(['${PORTICO_PUBLISH:-127.0.0.1:8080}:8080'])
    for (const name of all.filter((one) => one !== 'front')) expect(service(name)['ports']).toBeUndefined()
  })

  test('the other networks have no way out, and the database is not on that of the front', () => {
    const networks = mapAt(compose['networks'], 'networks')
    const inner = Object.entries(networks).filter(([, value]) => isMap(value) && value['internal'] === 'true')
    expect(inner.map(([name]) => name)).toEqual(['gateway', 'data'])
    expect(listAt(service('front')['networks'])).toEqual(['edge', 'gateway'])
    expect(listAt(service('app')['networks'])).toEqual(['gateway', 'data'])
    for (const name of ['migrate', 'db', 'cache']) expect(listAt(service(name)['networks'])).toEqual(['data'])
  })

  test('the application is not for all who come by', () => {
    const allowed = listAt(service('app')['command']).filter((word) => word.startsWith('--allow='))
    expect(allowed).toContain('--allow=127.0.0.1')
    expect(allowed.length).toBeGreaterThan(1)
    expect(allowed).not.toContain('--allow=all')
    for (const word of allowed) expect(word).not.toMatch(/\/[0-7]$/)
  })
})

describe.each(ours)('%s', (name) => {
  test('is the image of this folder, as a user who is not root, on a root file system that is not written', () => {
    expect(service(name)).toMatchObject({
      build: '.',
      read_only: 'true',
      user: '1000:1000',
      cap_drop: ['ALL'],
    })
    expect(listAt(service(name)['security_opt'])).toEqual(['no-new-privileges:true'])
  })

  test('may write to the folders that the conf and the demo use, which are memory of its user', () => {
    const [tmp, run] = listAt(service(name)['tmpfs'])
    expect(tmp).toMatch(/^\/tmp:/)
    expect(run).toMatch(/^\/srv\/portico\/run:mode=0700,uid=1000,gid=1000,/)
  })

  test('has longer to end than what it answers', () => {
    const grace = seconds(textOf(service(name), 'stop_grace_period'))
    const [, limit = ''] = /^worker_shutdown_timeout\s+(\S+);/m.exec(conf) ?? []
    expect(grace).toBeGreaterThanOrEqual(seconds(limit) + 5)
    expect(grace).toBeGreaterThanOrEqual(DEFAULT_SHUTDOWN_TIMEOUT_MS / 1000 + 5)
  })
})

describe('life', () => {
  test.each(lasting)('%s says how it is, and is started again', (name) => {
    const check = mapAt(service(name)['healthcheck'], 'healthcheck')
    expect(listAt(check['test'])[0]).toBe('CMD')
    expect(seconds(textOf(check, 'interval'))).toBeLessThanOrEqual(10)
    expect(seconds(textOf(check, 'timeout'))).toBeGreaterThan(0)
    expect(service(name)['restart']).toBe('unless-stopped')
  })

  test('the probes give up before the engine does', () => {
    for (const name of ['front', 'app']) {
      const check = mapAt(service(name)['healthcheck'], 'healthcheck')
      expect(seconds(textOf(check, 'timeout'))).toBeGreaterThan(4)
    }
  })

  test('the migration runs once, after the database and before the application', () => {
    expect(service('migrate')['restart']).toBe('no')
    expect(listAt(service('migrate')['command']).slice(0, 2)).toEqual(['manage', 'migrate'])
    expect(service('migrate')['depends_on']).toEqual({ db: { condition: 'service_healthy' } })
    expect(service('app')['depends_on']).toMatchObject({
      migrate: { condition: 'service_completed_successfully' },
    })
  })

  test('the entries outlive the containers', () => {
    expect(listAt(service('db')['volumes'])).toEqual(['db:/var/lib/postgresql/data'])
    expect(Object.keys(mapAt(compose['volumes'], 'volumes'))).toEqual(['db', 'cache'])
  })
})

test('no secret stands in the file but the one of the database that nobody reaches, by a name that says so', () => {
  const secrets = [
    ...read('docker-compose.yml').matchAll(/^\s+(\w*(?:PASSWORD|SECRET|TOKEN|KEY)\w*): (.*)$/gm),
  ]
  expect(secrets.map(([, name, value]) => `${name} ${value}`).sort()).toEqual([
    'PGPASSWORD ${POSTGRES_PASSWORD:-local-only}',
    'POSTGRES_PASSWORD ${POSTGRES_PASSWORD:-local-only}',
    'SECRET_KEY ${SECRET_KEY:-}',
  ])
})

describe('the Dockerfile', () => {
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))

  test('builds in one stage and ships from another', () => {
    expect(dockerfile.match(/^FROM .*$/gm)).toEqual([
      'FROM node:24-bookworm-slim AS build',
      'FROM node:24-bookworm-slim',
    ])
    expect(last).not.toMatch(/\bnpm\b/)
    expect(last.match(/^COPY (?!--from=build )/gm)).toBeNull()
  })

  test('installs before the other sources are there, with one file of ours', () => {
    const before = dockerfile.slice(0, dockerfile.indexOf('\nCOPY . .'))
    expect(before.match(/^COPY .*$/gm)).toEqual([
      'COPY package.json package-lock.json ./',
      'COPY src/cli/bootstrap.mjs src/cli/',
    ])
    expect(before).toContain('\nRUN node src/cli/bootstrap.mjs install')
    const place = mkdtempSync(join(tmpdir(), 'portico-image-'))
    try {
      for (const name of ['package.json', 'package-lock.json', 'src/cli/bootstrap.mjs'])
        cpSync(join(ROOT, name), join(place, name))
      symlinkSync(join(ROOT, 'node_modules'), join(place, 'node_modules'))
      const made = spawnSync(process.execPath, [join(place, 'src/cli/bootstrap.mjs'), 'install'], {
        encoding: 'utf8',
      })
      expect([made.status, made.stderr]).toEqual([0, ''])
    } finally {
      rmSync(place, { recursive: true })
    }
  })

  test('runs as the user of docker-compose.yml, by number, below something that takes orphans in', () => {
    expect(last).toMatch(/^USER 1000:1000$/m)
    expect(last).toMatch(/^ENTRYPOINT \["tini", "--", "node", "\/srv\/portico\/dist\/cli\.js"\]$/m)
  })

  test('is ended by the signal that drains', () => {
    expect(last).toMatch(/^STOPSIGNAL SIGQUIT$/m)
  })

  test('takes only what is there, and neither packages nor databases of this machine', () => {
    const rows = read('.dockerignore').split('\n')
    expect(rows).toContain('*')
    const taken = rows.filter((row) => row.startsWith('!')).map((row) => row.slice(1))
    for (const name of taken) expect([name, existsSync(ROOT + name)]).toEqual([name, true])
    expect(taken).not.toContain('node_modules')
    expect(rows).toContain('**/*.sqlite3*')
  })
})

describe('conf/compose.conf', () => {
  test('is a conf', async () => {
    const files = { 'conf/mime.types': read('conf/mime.types') }
    const { code, output } = await runPortico({ conf, files, args: ['-t'] })
    expect(output).not.toContain('[warn]')
    expect([code, output]).toEqual([0, expect.stringContaining('test is successful')])
  })

  test('knows the service by its name, and asks again where it is', () => {
    const [, port] = /--listen=0\.0\.0\.0:(\d+)/.exec(listAt(service('app')['command']).join(' ')) ?? []
    expect(conf).toMatch(new RegExp(`server\\s+app:${port} resolve`))
    // The engine's name server says 600 s of every answer.
    expect(conf).toMatch(/resolver\s+127\.0\.0\.11 valid=1s;/)
  })

  test('listens where the port is published', () => {
    expect(conf).toMatch(/listen\s+8080;/)
    expect(listAt(service('front')['ports'])[0]).toMatch(/:8080$/)
  })

  test('gives the application the id that its own line has', () => {
    expect(conf).toMatch(/fastcgi_param\s+REQUEST_ID\s+\$request_id;/)
    expect(conf).toMatch(/log_format[^;]*id=\$request_id/)
    expect(conf).toMatch(/access_log\s+\/dev\/stdout tiers;/)
  })

  test('health checks ask for what is there', () => {
    const probe = (name: string): string =>
      listAt(mapAt(service(name)['healthcheck'], 'healthcheck')['test']).at(-1) ?? ''
    expect(probe('front')).toBe('http://127.0.0.1:8080/healthz')
    expect(conf).toMatch(/location = \/healthz \{[^}]*return\s+200/)
    expect(probe('app')).toBe('fastcgi://127.0.0.1:9000/healthz/')
    expect(conf).toMatch(/health_check\s[^;]*uri=\/healthz\/;/)
  })
})

test.each([
  ['true', 0],
  ['', 1],
])('without an engine the check says that it did nothing; CI=%s makes that %i', (CI, code) => {
  const env = { ...process.env, CI, DOCKER_HOST: 'unix:///nowhere/engine.sock' }
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${ROOT}test/system/compose/main.ts`], {
    env,
    encoding: 'utf8',
  })
  expect(stderr).toMatch(/^compose-check: nothing was tried, no container engine: .+\n$/)
  expect([status, stdout]).toEqual([code, ''])
})

/** What `npm pack` makes, used as its users do: installed into an empty project, imported, compiled, run. */
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { builtinModules } from 'node:module'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from './binary/jail.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc')
const STEP_TIMEOUT_MS = 240_000
const folder = mkdtempSync(join(tmpdir(), 'portico-package-'))
const project = join(folder, 'project')
const installed = join(project, 'node_modules/portico')
let tarball = ''

interface Package {
  readonly exports: Readonly<Record<string, unknown>>
  readonly dependencies: Readonly<Record<string, string>>
}

function npm(cwd: string, ...args: string[]): { code: number | null; output: string } {
  const PATH = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`
  const env = { ...process.env, PATH, npm_config_audit: 'false', npm_config_fund: 'false' }
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd, env, encoding: 'utf8' })
  return { code: status, output: stdout + stderr }
}

/** From npm's cache where it can, else from the registry that npm is set up with. */
function install(cwd: string, ...specs: string[]): void {
  const { code, output } = npm(cwd, 'install', '--prefer-offline', '--ignore-scripts', ...specs)
  if (code !== 0)
    throw new Error(`npm could not get the dependencies, from its cache or its registry:\n${output}`)
}

beforeAll(() => {
  const { code, output } = npm(ROOT, 'pack', '--pack-destination', folder)
  if (code !== 0) throw new Error(output)
  tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }')
  install(project, tarball)
}, STEP_TIMEOUT_MS)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const own = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Package

describe('the package', () => {
  it('holds what runs, its types and the demo, and no other source', () => {
    const names = readdirSync(installed, { recursive: true, encoding: 'utf8' })
    expect(names).toEqual(
      expect.arrayContaining([
        'dist/cli.js',
        'dist/portico.cdx.json',
        'dist/types/entry/web.d.ts',
        'src/demo/wsgi.ts',
      ]),
    )
    expect(names.filter((name) => /^src\/(?!demo)|^test|\.map$|portico-/.test(name))).toEqual([])
  })

  it('imports nothing at run time that it does not depend on', () => {
    const dist = join(installed, 'dist')
    const imports = new Set<string>()
    for (const name of readdirSync(dist).filter((file) => file.endsWith('.js')))
      for (const [, specifier = ''] of readFileSync(join(dist, name), 'utf8').matchAll(
        /^(?:import|export)\b[^;\n]*?["']([^"'\n]+)["'];$/gm,
      ))
        imports.add(specifier)
    const packages = [...imports]
      .filter((name) => !name.startsWith('.') && !name.startsWith('node:') && !builtinModules.includes(name))
      .map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'))
    expect(packages).toContain('kysely')
    expect(packages.filter((name) => !(name in own.dependencies))).toEqual([])
  })

  it('is what publint expects of one', async () => {
    const { messages } = await publint({ pkgDir: installed, strict: true, pack: false })
    expect(messages).toEqual([])
  })

  it('has types that are right wherever ES modules are imported', { timeout: 120_000 }, async () => {
    const analysis = await checkPackage(createPackageFromTarballData(readFileSync(tarball)))
    if (analysis.types === false) throw new Error('it has no types')
    expect(Object.keys(analysis.entrypoints)).toEqual(
      expect.arrayContaining(['.', './web', './gateway', './testing']),
    )
    // Node's older resolution and require() are not for a package of ES modules.
    const problems = analysis.problems.filter(
      (problem) =>
        !('resolutionKind' in problem) || ['node16-esm', 'bundler'].includes(problem.resolutionKind),
    )
    expect(problems).toEqual([])
  })
})

describe('a program that imports all of it', () => {
  beforeAll(() => copyFileSync(join(ROOT, 'test/system/package/consumer.ts'), join(project, 'consumer.ts')))

  it.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('compiles with module %s, resolved as by %s', { timeout: 120_000 }, (module, moduleResolution) => {
    const compilerOptions = {
      target: 'es2024',
      lib: ['esnext'],
      module,
      moduleResolution,
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      typeRoots: [join(ROOT, 'node_modules/@types')],
      types: ['node'],
    }
    const config = join(project, `tsconfig.${moduleResolution}.json`)
    writeFileSync(config, JSON.stringify({ compilerOptions, files: ['consumer.ts'] }))
    const { status, stdout } = spawnSync(process.execPath, [TSC, '-p', config], { encoding: 'utf8' })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })

  it('runs', () => {
    const { stdout, stderr } = spawnSync(process.execPath, ['consumer.ts'], {
      cwd: project,
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({
      said: 'hello, you',
      faults: ['unknown directive "lisen", did you mean "listen"?'],
      statements: ['events', 'http'],
      kinds: ['function', 'function', 'function', 'ConfigError'],
    })
  })
})

describe('npx portico new', () => {
  const shop = join(project, 'shop')
  beforeAll(() => {
    const made = npm(project, 'exec', '--offline', '--', 'portico', 'new', 'shop')
    if (made.code !== 0) throw new Error(made.output)
    install(shop)
  }, STEP_TIMEOUT_MS)

  it('makes a project that depends on the tarball it came from, and on nothing else', () => {
    const made = JSON.parse(readFileSync(join(shop, 'package.json'), 'utf8')) as Package
    expect(made.dependencies).toEqual({ portico: `file:${tarball}` })
    expect(made).not.toHaveProperty('devDependencies')
  })

  it('which passes its own test', { timeout: 120_000 }, () => {
    const { code, output } = npm(shop, 'test')
    expect(output).toMatch(/pass 2\n/)
    expect(code).toBe(0)
  })

  it('and starts', { timeout: 120_000 }, async () => {
    const conf = join(shop, 'conf/portico.conf')
    const socketPath = join(shop, 'run/web.sock')
    writeFileSync(conf, readFileSync(conf, 'utf8').replace('127.0.0.1:8080', `unix:${socketPath}`))
    expect(npm(shop, 'run', 'manage', 'migrate').code).toBe(0)
    const cli = join(shop, 'node_modules/portico/dist/cli.js')
    const server = spawn(process.execPath, [cli], { cwd: shop, stdio: 'ignore' })
    try {
      const body = await waitFor(
        () => page(socketPath).catch(() => undefined),
        () => 'the page',
      )
      expect(body).toContain('Nothing yet.')
    } finally {
      server.kill('SIGTERM')
      await once(server, 'exit')
    }
  })
})

async function page(socketPath: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const asked = request(
    { socketPath, path: '/', headers: { Host: 'localhost' }, agent: false },
    (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => (body += text))
      response.on('end', () => resolve(body))
    },
  )
  asked.on('error', reject)
  asked.end()
  return promise
}

/**
 * The npm scripts: installs and builds what is missing or stale, then runs under the runtime that the lock file pins.
 * Plain JavaScript that an old Node can run, because it runs before anything is installed.
 *
 *   node src/cli/bootstrap.mjs start|test|build|check|bench|overload|fuzz|soak|compose-check|conformance|reference [arguments]
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const modules = join(root, 'node_modules')
const runtime = join(modules, '.bin', 'node')
const minimumMajor = 24

function fail(message) {
  process.stderr.write(`portico: ${message}\n`)
  process.exit(1)
}

/** `npm ci` when nothing is installed or the lock file is another than the one installed from. */
function install() {
  const stamp = join(modules, '.portico-lock')
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) return // another checkout's: it sees to it
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  const npm = process.env.npm_execpath
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const [command, argv] = npm ? [process.execPath, [npm, ...args]] : ['npm', args]
  process.stderr.write('portico: installing packages (npm ci)\n')
  const { status } = spawnSync(command, argv, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) fail(`npm ci failed with exit code ${status}`)
  writeFileSync(stamp, hash)
}

/** The package `node` fetches its binary by an install script, which a package manager may have been told to skip. */
function checkRuntime() {
  const { stdout, error } = spawnSync(runtime, ['--version'], { encoding: 'utf8' })
  if (error || !stdout) {
    fail(
      `${runtime} does not run: the package "node" was installed without its install script.\n` +
        '  Allow it (npm install-scripts approve node) and run: npm rebuild node',
    )
  }
  const major = Number(stdout.slice(1).split('.')[0])
  if (!(major >= minimumMajor)) {
    fail(
      `${runtime} is ${stdout.trim()}, but Node ${minimumMajor} or later is needed: remove node_modules, run again`,
    )
  }
}

function newestSource(folder) {
  let newest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    const time = entry.isDirectory() ? newestSource(path) : statSync(path).mtimeMs
    if (time > newest) newest = time
  }
  return newest
}

/** Bundles our sources into dist/; packages stay imports. */
async function build(force) {
  const stamp = join(root, 'dist', '.built')
  const newest = Math.max(
    newestSource(join(root, 'src')),
    ...['package.json', 'package-lock.json'].map((name) => statSync(join(root, name)).mtimeMs),
  )
  if (!force && existsSync(stamp) && statSync(stamp).mtimeMs >= newest) return
  // Only now: an image copies this file alone to install, before there are other sources.
  const { bundlePackage } = await import('./bundle-package.mjs')
  await bundlePackage(root)
  writeFileSync(stamp, '')
}

/** The compiler leaves `./x.ts` in declarations, where no reader would find a file. */
function finishDeclaration(path, done) {
  if (done.has(path)) return
  done.add(path)
  const others = []
  const text = readFileSync(path, 'utf8').replace(
    /((?:from|import\(|import) ?(['"]))(\.[^'"\n]*)\.ts\2/g,
    (written, before, quote, name) => {
      if (!existsSync(join(dirname(path), `${name}.d.ts`))) return written // in an example
      others.push(join(dirname(path), `${name}.d.ts`))
      return `${before}${name}.js${quote}`
    },
  )
  writeFileSync(path, text)
  for (const other of others) finishDeclaration(other, done)
}

/** Declarations of what the package exports, with what these name, for `npm pack`. */
async function declareTypes() {
  const outDir = join(root, 'dist', 'types')
  rmSync(outDir, { recursive: true, force: true })
  const entries = ['index', 'web', 'gateway', 'testing'].map((name) => join('src', 'entry', `${name}.ts`))
  const config = join(root, 'dist', 'tsconfig.json')
  const compilerOptions = { noEmit: false, declaration: true, emitDeclarationOnly: true, stripInternal: true }
  writeFileSync(
    config,
    JSON.stringify({
      extends: '../tsconfig.json',
      compilerOptions: { ...compilerOptions, rootDir: '../src', outDir: 'types', paths: {} },
      files: entries.map((path) => `../${path}`),
      include: [],
    }),
  )
  const code = await run([bin('typescript', 'bin/tsc'), '-p', config])
  rmSync(config)
  if (code !== 0) return code
  const named = new Set()
  for (const path of entries) finishDeclaration(path.replace(/^src/, outDir).replace(/ts$/, 'd.ts'), named)
  for (const name of readdirSync(outDir, { recursive: true })) {
    const path = join(outDir, name)
    if (name.endsWith('.d.ts') && !named.has(path)) rmSync(path) // of what only the implementation names
  }
  return 0
}

/** Runs a program under the pinned runtime; its exit code becomes ours. Signals to us are passed on. */
function run(args) {
  return new Promise((resolve) => {
    const env = { ...process.env, PATH: `${join(modules, '.bin')}:${process.env.PATH}` }
    const child = spawn(runtime, args, { cwd: root, stdio: 'inherit', env })
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2']) {
      process.on(signal, () => child.kill(signal))
    }
    process.on('SIGINT', () => {}) // a terminal sends it to the child as well
    child.on('exit', (code, signal) => resolve(signal ? 1 : (code ?? 1)))
  })
}

const bin = (name, path) => join(modules, name, path)
const vitest = [bin('vitest', 'vitest.mjs'), 'run', '--config', 'test/vitest.config.ts']

async function check() {
  const steps = [
    [bin('typescript', 'bin/tsc'), '-p', '.'],
    [bin('eslint', 'bin/eslint.js'), '-c', '.ci/eslint.config.mjs', 'src', 'test'],
    [bin('prettier', 'bin/prettier.cjs'), '--check', '.', '!**/templates/**'],
    [...vitest, 'test/architecture.test.ts'],
  ]
  for (const step of steps) {
    const code = await run(step)
    if (code !== 0) return code
  }
  return 0
}

const commands = {
  start: async (args) => (await build(false), run([join('dist', 'cli.js'), ...args])),
  test: async (args) => {
    await build(false)
    process.env.PORTICO_CLI = join(root, 'dist', 'cli.js') // system tests run what is shipped
    return run([...vitest, ...args])
  },
  build: async () => (await build(true), 0),
  install: () => 0, // done already: every command begins with it
  package: async () => (await build(false), declareTypes()), // what runs from dist/ meanwhile keeps its files
  'build:binary': (args) => run([join('src', 'cli', 'binary', 'build.mjs'), ...args]),
  check,
  bench: async (args) => (await build(false), run([join('test', 'bench', 'main.ts'), ...args])),
  overload: async (args) => (
    await build(false),
    run([join('test', 'bench', 'overload', 'main.ts'), ...args])
  ),
  soak: async (args) => {
    await build(false)
    process.env.PORTICO_CLI = join(root, 'dist', 'cli.js')
    return run([join('test', 'soak', 'main.ts'), ...args])
  },
  fuzz: (args) => run([join('test', 'fuzz', 'main.ts'), ...args]),
  'compose-check': (args) => run([join('test', 'system', 'compose', 'main.ts'), ...args]),
  conformance: async (args) => (await build(false), run([join('test', 'conformance', 'main.ts'), ...args])),
  reference: async () => {
    const pages = {
      'conf/directives.md': ['src/cli/main.ts', 'directives', '--markdown'],
      'conf/limits.md': ['test/reference/limits-page.ts'],
      'src/entry/reference.md': ['test/reference/reference-page.ts'],
    }
    for (const [page, args] of Object.entries(pages)) {
      const made = spawnSync(runtime, args, { cwd: root, maxBuffer: 1 << 26 })
      if (made.status !== 0) return made.status ?? 1
      writeFileSync(join(root, page), made.stdout)
    }
    return 0
  },
}

const [name, ...args] = process.argv.slice(2)
const command = commands[name]
if (!command) fail(`unknown command "${name}", expecting one of: ${Object.keys(commands).join(', ')}`)
install()
checkRuntime()
process.exitCode = await command(args)

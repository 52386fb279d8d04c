/**
 * `npm run build:binary`: the runtime and everything of ours in one executable file, for the platform that it runs on.
 * Plain JavaScript beside bootstrap.mjs: it imports what is there for development only.
 *
 *   node src/cli/binary/build.mjs [FILE]
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
} from 'node:fs'
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { createHash } from 'node:crypto'
import { build as bundle } from 'esbuild'
import { billOfMaterials, billText, bundledPlaces } from '../bill-of-materials.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const extension = process.platform === 'win32' ? '.exe' : ''
const target = resolve(
  process.argv[2] ?? join(root, 'dist', `portico-${process.platform}-${process.arch}${extension}`),
)
mkdirSync(dirname(target), { recursive: true })
// beside the target: what is ready is renamed into its place, which may be running
const work = mkdtempSync(join(dirname(target), '.binary-'))

/** What the runtime looks for to know that something was put into it; the same in every release. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

const common = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  absWorkingDir: root,
  define: { PORTICO_VERSION: JSON.stringify(version) },
  // Names stay: errors and logs say them.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
}

/**
 * Packages and all: there is no node_modules beside an executable. Answers the modules' names in it, and the places of
 * the packages that they were made from.
 */
async function bundleModules() {
  const entry = (name) => join(root, 'src/entry', `${name}.ts`)
  const outdir = join(work, 'dist')
  const { metafile } = await bundle({
    ...common,
    metafile: true,
    entryPoints: {
      cli: join(root, 'src/cli/main.ts'),
      ...Object.fromEntries(ENTRIES.map((name) => [name, entry(name)])),
    },
    outdir,
    format: 'esm',
    splitting: true,
    external: ['pg-native'],
    // Packages in CommonJS ask for the runtime's modules by require.
    banner: {
      js: "import{createRequire as requireOf}from'node:module';const require=requireOf('/');",
    },
  })
  return {
    modules: readdirSync(outdir).map((name) => [`dist/${name}`, join(outdir, name)]),
    places: bundledPlaces(metafile),
  }
}

const ENTRIES = ['index', 'web', 'gateway', 'testing']

async function bundleBoot() {
  const outfile = join(work, 'boot.cjs')
  const entryPoints = [join(root, 'src/cli/binary/boot.ts')]
  await bundle({ ...common, entryPoints, outfile, format: 'cjs' })
  return outfile
}

function filesBelow(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [relative(root, path).replaceAll('\\', '/'), path])
}

/** A copy of the runtime without its symbol table, where there is a program to take it out. */
function copyRuntime() {
  const copy = join(work, 'runtime')
  copyFileSync(process.execPath, copy)
  chmodSync(copy, 0o755)
  const before = statSync(copy).size
  // A signature does not survive a change.
  if (process.platform === 'darwin') spawnSync('codesign', ['--remove-signature', copy])
  if (process.platform === 'linux') spawnSync('strip', ['--strip-unneeded', copy], { stdio: 'ignore' })
  return { copy, before }
}

async function inject(copy, blob) {
  const { inject: injectInto } = createRequire(import.meta.url)('postject')
  // Its library complains of sections without names, which the runtime has and which do no harm.
  const { warn, error } = console
  console.warn = console.error = () => undefined
  try {
    await injectInto(copy, 'NODE_SEA_BLOB', readFileSync(blob), {
      sentinelFuse: FUSE,
      machoSegmentName: 'NODE_SEA',
    })
  } finally {
    Object.assign(console, { warn, error })
  }
  if (process.platform === 'darwin') spawnSync('codesign', ['--sign', '-', copy])
}

/** Beside the executable: the runtime with its parts, and the packages inside. */
function writeBill(places, executable) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const content = createHash('sha256').update(readFileSync(executable)).digest('hex')
  const hashes = [{ alg: 'SHA-256', content }]
  const bill = billOfMaterials({ lock, places, versions: process.versions, hashes })
  writeFileSync(`${target}.cdx.json`, billText(bill))
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1).padStart(6)} MB`

function explainSize(modules, files, before, stripped) {
  const sum = (rows) => rows.reduce((total, [, path]) => total + statSync(path).size, 0)
  const lines = [
    `${target}: ${megabytes(statSync(target).size).trim()}`,
    `  ${megabytes(stripped)}  Node.js ${process.version}: V8, libuv, OpenSSL, SQLite and ICU` +
      (stripped < before ? `, without ${megabytes(before - stripped).trim()} of symbols` : ''),
    `  ${megabytes(sum(modules))}  front, application server, framework and their packages, as JavaScript`,
    `  ${megabytes(sum(files))}  default conf, mime types, the demo with its pictures`,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

try {
  const { modules, places } = await bundleModules()
  const boot = await bundleBoot()
  const files = [...filesBelow('conf'), ...filesBelow('public'), ...filesBelow('src/demo')].filter(
    ([name]) => !name.endsWith('.md'),
  )
  const blob = join(work, 'blob')
  const config = join(work, 'sea.json')
  writeFileSync(
    config,
    JSON.stringify({
      main: relative(work, boot), // its path is kept in the blob: the same in every folder
      output: blob,
      disableExperimentalSEAWarning: true,
      useCodeCache: false,
      execArgv: ['--max-semi-space-size=16'], // as cli/own-program.ts has it for workers
      assets: Object.fromEntries([...modules, ...files, ['boot.cjs', boot]]),
    }),
  )
  const made = spawnSync(process.execPath, ['--experimental-sea-config', config], {
    cwd: work,
    encoding: 'utf8',
  })
  if (made.status !== 0) throw new Error(`the blob was not made: ${made.stderr}`)
  const { copy, before } = copyRuntime()
  const stripped = statSync(copy).size
  await inject(copy, blob)
  writeBill(places, copy)
  renameSync(copy, target)
  explainSize(modules, files, before, stripped)
} finally {
  rmSync(work, { recursive: true, force: true })
}

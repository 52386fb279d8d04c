/** What `npm run build` writes: the same bytes wherever and whenever, and a bill of all that is installed with them. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readBill } from '../support/bill-of-materials.ts'
import { readLockFile } from '../support/lock-file.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'portico-build-'))
const [first, second] = [join(folder, 'one'), join(folder, 'further', 'down', 'two')]

/** A clone at `place`, built by a command that is given in `from`. */
function buildIn(place: string, from: string): void {
  for (const name of ['src', 'package.json', 'package-lock.json']) {
    cpSync(join(ROOT, name), join(place, name), { recursive: true })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(place, 'node_modules'))
  const made = spawnSync(process.execPath, [join(place, 'src/cli/bootstrap.mjs'), 'build'], {
    cwd: from,
    encoding: 'utf8',
  })
  if (made.status !== 0) throw new Error(made.stderr)
}

const hashes = (place: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(place, 'dist'))
      .sort()
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(place, 'dist', name)))
          .digest('hex'),
      ]),
  )

beforeAll(() => {
  buildIn(first, first)
  buildIn(second, tmpdir())
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('The build', () => {
  it('writes the same bytes in another folder, from another one, at another time', () => {
    expect(hashes(second)).toEqual(hashes(first))
    expect(Object.keys(hashes(first))).toEqual(
      expect.arrayContaining(['cli.js', 'web.js', 'portico.cdx.json']),
    )
  })

  it('names no folder of the machine that it was made on', () => {
    for (const name of readdirSync(join(first, 'dist'))) {
      const text = readFileSync(join(first, 'dist', name), 'utf8')
      expect(text.includes(folder) || text.includes(ROOT), name).toBe(false)
    }
  })
})

describe('Its bill of materials', () => {
  const lock = readLockFile(join(ROOT, 'package-lock.json'))
  const shipped = Object.entries(lock.packages).filter(([place, { dev }]) => place !== '' && dev !== true)

  it('has every package that is installed with it, with the hash of the lock file and the licence', () => {
    const { components, metadata } = readBill(join(first, 'dist/portico.cdx.json'))
    expect(metadata.component).toMatchObject({ type: 'application', name: 'portico' })
    expect(components.length).toBe(shipped.length)
    for (const [
      place,
      { name = place.split('node_modules/').at(-1), version, integrity = '', license },
    ] of shipped) {
      const content = Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex')
      expect(components).toContainEqual(
        expect.objectContaining({
          name,
          version,
          hashes: [{ alg: 'SHA-512', content }],
          licenses: [{ license: { id: license } }],
        }),
      )
    }
  })

  it('says who needs whom, down to the version that is imported', () => {
    const { dependencies } = readBill(join(first, 'dist/portico.cdx.json'))
    const of = (name: string) => dependencies.find(({ ref }) => ref.startsWith(`pkg:npm/${name}@`))?.dependsOn
    expect(of('portico')?.length).toBe(Object.keys(lock.packages['']?.dependencies ?? {}).length)
    expect(of('portico')).toContainEqual(expect.stringMatching(/^pkg:npm\/http-proxy-3@/))
    expect(of('pino')).toContainEqual(expect.stringMatching(/^pkg:npm\/sonic-boom@4\./))
    expect(of('pino-pretty')).toContainEqual(expect.stringMatching(/^pkg:npm\/sonic-boom@5\./))
    const reached = new Set(['pkg:npm/portico@0.1.0'])
    for (const ref of reached) {
      for (const next of dependencies.find((one) => one.ref === ref)?.dependsOn ?? []) reached.add(next)
    }
    expect(reached.size).toBe(dependencies.length)
  })

  it('has every package that the modules import', async () => {
    const { components } = readBill(join(first, 'dist/portico.cdx.json'))
    const names = new Set(components.map(({ name }) => name))
    const { metafile } = await build({
      entryPoints: readdirSync(join(first, 'dist'))
        .filter((name) => name.endsWith('.js'))
        .map((name) => join(first, 'dist', name)),
      bundle: true,
      write: false,
      metafile: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      outdir: join(folder, 'unwritten'),
    })
    const imported = Object.values(metafile.outputs)
      .flatMap(({ imports }) => imports.filter(({ external }) => external === true))
      .map(({ path }) =>
        path
          .split('/')
          .slice(0, path.startsWith('@') ? 2 : 1)
          .join('/'),
      )
      .filter((name) => !name.startsWith('node:') && !builtinModules.includes(name))
    const needed = new Set(imported.map((name) => (name === 'http-proxy' ? 'http-proxy-3' : name)))
    expect(needed.size).toBeGreaterThan(6)
    expect([...needed].filter((name) => !names.has(name))).toEqual([])
  })
})

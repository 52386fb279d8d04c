/**
 * Our sources as the modules in dist/, and the bill of what is installed with them. The bytes depend on the sources and
 * the lock file alone, not on the folder or the time. Plain JavaScript: bootstrap.mjs imports it under an old Node.
 */
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { billOfMaterials, billText, installedPlaces } from './bill-of-materials.mjs'

/** Packages stay imports. Answers esbuild's metafile. */
export async function bundlePackage(root) {
  const outdir = join(root, 'dist')
  removeModules(outdir) // a single executable there is another command's
  const { build } = await import(
    pathToFileURL(createRequire(join(root, 'package.json')).resolve('esbuild')).href
  )
  const read = (name) => JSON.parse(readFileSync(join(root, name), 'utf8'))
  const source = (name) => join(root, 'src', name)
  const { metafile } = await build({
    entryPoints: {
      cli: source('cli/main.ts'),
      index: source('entry/index.ts'),
      web: source('entry/web.ts'),
      testing: source('entry/testing.ts'),
      gateway: source('entry/gateway.ts'),
    },
    outdir,
    absWorkingDir: root, // names of sources in comments, which names of chunks are made from
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    packages: 'external',
    define: { PORTICO_VERSION: JSON.stringify(read('package.json').version) },
    sourcemap: true,
    metafile: true,
    logLevel: 'warning',
  })
  const lock = read('package-lock.json')
  writeFileSync(
    join(outdir, 'portico.cdx.json'),
    billText(billOfMaterials({ lock, places: installedPlaces(lock) })),
  )
  return metafile
}

function removeModules(folder) {
  const old = existsSync(folder) ? readdirSync(folder).filter((name) => /\.js(\.map)?$/.test(name)) : []
  for (const name of old) rmSync(join(folder, name))
}

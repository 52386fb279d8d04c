/**
 * Where the single executable begins, in its process and in its threads: what is imported by the package's names, and
 * all that these import, comes from inside. A project needs no node_modules, and one that has them gets ours all the
 * same: models and settings are known to one copy of the framework only.
 */
import { createRequire, registerHooks } from 'node:module'
import { getAsset, getAssetKeys } from 'node:sea'

const INSIDE = 'portico:/'
/** A module that only hands out `import()`, which the script of an executable has for the runtime's own modules alone. */
const IMPORTER = `${INSIDE}importer`

const keys = new Set(getAssetKeys())

/** URL of what is inside; undefined for everything else. */
function urlInside(specifier: string, importer: string | undefined): string | undefined {
  if (specifier.startsWith(INSIDE)) return specifier
  if (importer?.startsWith(INSIDE) === true && specifier.startsWith('.'))
    return new URL(specifier, importer).href
  if (specifier === 'portico' || specifier.startsWith('portico/')) {
    const key = `dist/${specifier === 'portico' ? 'index' : specifier.slice('portico/'.length)}.js`
    if (keys.has(key)) return INSIDE + key
  }
  return undefined
}

function sourceOf(url: string): string {
  return url === IMPORTER
    ? 'export const load = (specifier) => import(specifier)'
    : getAsset(url.slice(INSIDE.length), 'utf8')
}

registerHooks({
  resolve(specifier, context, nextResolve) {
    const url = urlInside(specifier, context.parentURL)
    return url === undefined ? nextResolve(specifier, context) : { url, format: 'module', shortCircuit: true }
  },
  load(url, context, nextLoad) {
    return url.startsWith(INSIDE)
      ? { format: 'module', source: sourceOf(url), shortCircuit: true }
      : nextLoad(url, context)
  },
})

const { load } = createRequire('/')(IMPORTER) as { load: (specifier: string) => Promise<unknown> }
void load(`${INSIDE}dist/cli.js`)

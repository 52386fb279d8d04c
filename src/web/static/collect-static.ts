import { isAbsolute, relative, sep } from 'node:path'
import { emptyFolder, filesBelow, readBelow, writeBelow } from '../../io/files/folder-files.ts'
import type { SettingValues } from '../conf/setting-values.ts'
import { ImproperlyConfigured } from '../exceptions.ts'
import { hashedName, relativeUrl, resolveReference, rewriteCss } from './hashed-name.ts'

type StaticSettings = Pick<SettingValues, 'staticUrl' | 'staticRoot' | 'staticFilesDirs'>

/** A file that the folders have: the first of a path is the one. */
export interface FoundStatic {
  /** With slashes, below its folder. */
  readonly path: string
  readonly folder: string
}

/** Names that editors, systems and version control leave behind. */
const IGNORED = /(?:^|\/)(?:CVS|\.[^/]*|[^/]*~)(?:\/|$)/

/** Every static file of the site. A path that several folders have is the first folder's. */
export async function findStatic(settings: Pick<StaticSettings, 'staticFilesDirs'>): Promise<FoundStatic[]> {
  const found = new Map<string, FoundStatic>()
  for (const folder of settings.staticFilesDirs) {
    for (const path of await filesBelow(folder)) {
      if (!IGNORED.test(path) && !found.has(path)) found.set(path, { path, folder })
    }
  }
  return [...found.values()]
}

/** The folders that have it, the one that counts first: `portico manage findstatic`. */
export async function findersOf(
  path: string,
  settings: Pick<StaticSettings, 'staticFilesDirs'>,
): Promise<string[]> {
  const folders: string[] = []
  for (const folder of settings.staticFilesDirs) {
    if ((await readBelow(folder, path)) !== null) folders.push(folder)
  }
  return folders
}

/** How static files are collected. */
export interface CollectOptions {
  /** Says what it would do, and does nothing. */
  readonly dryRun?: boolean
  /** Empties `staticRoot` first. */
  readonly clear?: boolean
  /** Told each step. */
  readonly log?: (line: string) => void
  /** Told how many files are read, hashed and written; `total` is null as long as it is not known. */
  readonly onStep?: (step: 'read' | 'hash' | 'write', done: number, total: number | null) => void
}

/** What collecting static files has done. */
export interface CollectResult {
  readonly copied: number
  readonly unmodified: number
  /** Path to hashed path. */
  readonly manifest: Readonly<Record<string, string>>
}

/** The name that Django gives it too. */
export const MANIFEST_NAME = 'staticfiles.json'

/**
 * Copies every static file into `settings.staticRoot`: under its own name, and under one with a hash of its content,
 * which style sheets then refer to. What a hashed name gives never changes, so browsers may keep it for ever.
 *
 * @throws ImproperlyConfigured without `staticRoot`; Error for a style sheet that refers to what is not there
 */
export async function collectStatic(
  settings: StaticSettings,
  options: CollectOptions = {},
): Promise<CollectResult> {
  const { staticRoot } = settings
  if (staticRoot === null) {
    throw new ImproperlyConfigured(
      'settings.staticRoot names the folder to collect static files in: it is not set',
    )
  }
  if (settings.staticFilesDirs.includes(staticRoot)) {
    throw new ImproperlyConfigured('settings.staticFilesDirs must not have settings.staticRoot in it')
  }
  const source = settings.staticFilesDirs.find((folder) => isBelow(folder, staticRoot))
  if (options.clear === true && source !== undefined) {
    throw new ImproperlyConfigured(
      `settings.staticRoot has ${source} of settings.staticFilesDirs in it: to clear it would delete what is collected`,
    )
  }
  const contents = new Map<string, Buffer>()
  for (const { path, folder } of await findStatic(settings)) {
    const content = await readBelow(folder, path)
    if (content !== null) contents.set(path, content)
    options.onStep?.('read', contents.size, null)
  }
  options.onStep?.('hash', contents.size, contents.size)
  const hashed = new StaticHasher(contents, settings.staticUrl).all()
  const manifest = Object.fromEntries([...hashed].map(([path, { name }]) => [path, name]))
  const output = new Map<string, Buffer>(contents)
  for (const { name, content } of hashed.values()) output.set(name, content)
  output.set(MANIFEST_NAME, Buffer.from(JSON.stringify({ version: '1.1', paths: manifest }, null, 2)))
  return { ...(await write(output, staticRoot, options)), manifest }
}

function isBelow(folder: string, above: string): boolean {
  const path = relative(above, folder)
  return path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path)
}

async function write(
  output: ReadonlyMap<string, Buffer>,
  root: string,
  { dryRun = false, clear = false, log = () => undefined, onStep }: CollectOptions,
): Promise<{ copied: number; unmodified: number }> {
  if (clear) {
    for (const path of await filesBelow(root))
      log(`${dryRun ? 'Pretending to delete' : 'Deleting'} '${path}'`)
    if (!dryRun) await emptyFolder(root)
  }
  let copied = 0
  let unmodified = 0
  for (const [path, content] of output) {
    onStep?.('write', copied + unmodified + 1, output.size)
    const there = clear ? null : await readBelow(root, path)
    if (there?.equals(content) === true) {
      unmodified++
      continue
    }
    copied++
    log(`${dryRun ? 'Pretending to copy' : 'Copying'} '${path}'`)
    if (!dryRun) await writeBelow(root, path, content)
  }
  return { copied, unmodified }
}

interface Hashed {
  readonly name: string
  readonly content: Buffer
}

/** Hashes files after those that they refer to, so that a change below changes every name above. */
class StaticHasher {
  readonly #contents: ReadonlyMap<string, Buffer>
  readonly #staticUrl: string
  readonly #done = new Map<string, Hashed>()

  constructor(contents: ReadonlyMap<string, Buffer>, staticUrl: string) {
    this.#contents = contents
    this.#staticUrl = staticUrl
  }

  all(): ReadonlyMap<string, Hashed> {
    for (const path of this.#contents.keys()) this.#hash(path, [])
    return this.#done
  }

  #hash(path: string, above: readonly string[]): Hashed | null {
    const known = this.#done.get(path)
    const content = this.#contents.get(path)
    if (known !== undefined || content === undefined) return known ?? null
    if (above.includes(path))
      throw new Error(`Style sheets that import each other have no hashes: ${[...above, path].join(' -> ')}`)
    const rewritten = path.endsWith('.css')
      ? Buffer.from(rewriteCss(content.toString('utf8'), (url) => this.#reference(url, path, above)))
      : content
    const hashed = { name: hashedName(path, rewritten), content: rewritten }
    this.#done.set(path, hashed)
    return hashed
  }

  #reference(url: string, from: string, above: readonly string[]): string {
    const target = resolveReference(url, from, this.#staticUrl)
    if (target === null) return url
    const hashed = this.#hash(target.path, [...above, from])
    if (hashed === null)
      throw new Error(`The file '${target.path}' that '${from}' refers to could not be found`)
    return relativeUrl(from, hashed.name) + target.suffix
  }
}

/** What the web server is told to serve the collected files, those with a hash for ever: for nginx and for our own. */
export function staticConf(settings: StaticSettings): string {
  const url = settings.staticUrl
  const root = (settings.staticRoot ?? '').replace(/\/?$/, '/')
  if (/["\\\s;{}$]/.test(url + root)) throw new RangeError('staticUrl and staticRoot must be plain paths')
  const escaped = url.replace(/[.*+?^()|[\]]/g, '\\$&')
  return [
    `location ${url} {`,
    `    alias ${root};`,
    '    etag on;',
    `    location ~ "^${escaped}(.+\\.[0-9a-f]{12}(?:\\.[A-Za-z0-9]+)?)$" {`,
    `        alias ${root}$1;`,
    '        add_header Cache-Control "public, max-age=31536000, immutable";',
    '    }',
    '}',
    '',
  ].join('\n')
}

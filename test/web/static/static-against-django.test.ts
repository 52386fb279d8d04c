/** What `collectstatic` collects, and what it makes of style sheets: as Django's, but for the hashes themselves. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collectStatic, defineSettings } from 'portico/web'
import { describeWithPeer } from '../../support/peer.ts'

interface Collected {
  readonly paths?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
  readonly error?: string
}

type Folder = Readonly<Record<string, string>>

const image = { 'img/a.png': 'A', 'img/b c.png': 'B', 'fonts/f.woff': 'F' }
const css = (text: string): Folder[] => [
  { 'css/site.css': text, 'css/base.css': 'b {}', 'top.css': 't {}', ...image },
]

const cases: readonly (readonly [title: string, folders: readonly Folder[], differs?: string])[] = [
  ['nothing', [{}]],
  [
    'files of every kind of name',
    [{ a: '1', 'b.txt': '2', 'c.tar.gz': '3', 'd/e.f/g': '4', 'ü.png': '5', 'x y.js': '6' }],
  ],
  ['the first folder’s file', [{ 'a.txt': 'first' }, { 'a.txt': 'second', 'b.txt': 'b' }]],
  [
    'no leavings',
    [
      {
        '.hidden': 'x',
        'a~': 'x',

        'd/.git': 'x',
        '.git/config': 'x',
        'CVS/Root': 'x',
        'ok.txt': 'x',
      },
    ],
  ],
  ['an empty file', [{ 'a.txt': '', 'b.css': '' }]],
  ['bytes that are no UTF-8', [{ 'a.bin': '\xff\xfe', 'b.txt': 'x' }]],
  ['url without quotes', css('a { background: url(../img/a.png) }')],
  ['url in double quotes', css('a { background: url("../img/a.png") }')],
  ['url in single quotes', css("a { background: url('../img/a.png') }")],
  [
    'url with blanks',
    css('a { background: url( "../img/a.png" ) }'),
    'Django takes the quotes behind the blank for a part of the name',
  ],
  ['several in a line', css('a { src: url(../img/a.png), url(../fonts/f.woff) }')],
  ['a fragment', css('a { src: url("../fonts/f.woff#x") }')],
  ['a query and a fragment', css('a { src: url("../fonts/f.woff?#iefix") }')],
  ['a query', css('a { src: url("../fonts/f.woff?v=1") }')],
  ['an import of a string', css('@import "base.css";')],
  ['an import of a url', css('@import url("base.css");')],
  ['an import of a url without quotes', css('@import url(base.css);')],
  ['an import from above', css("@import '../top.css';")],
  [
    'an import in a chain',
    [
      {
        'a.css': '@import "b.css";',
        'b.css': '@import "c.css";',
        'c.css': 'c { src: url(x.png) }',
        'x.png': 'x',
      },
    ],
  ],
  ['below the static URL', css('a { background: url("/static/img/a.png") }')],
  ['at another root', css('a { background: url("/media/img/a.png") }')],
  ['data', css('a { background: url(data:image/png;base64,AAAA) }')],
  [
    'data in capitals',
    css('a { background: url("DATA:x") }'),
    'a scheme is the same in capitals (RFC 3986 section 3.1); Django looks for a file',
  ],
  [
    'another site',
    css('a { background: url(https://cdn.example/a.png) } b { background: url("//cdn.example/a.png") }'),
  ],
  ['a fragment alone', css('a { filter: url(#shadow) } b { filter: url("#shadow") }')],
  ['an empty url', css('a { background: url("") }')],
  ['an escaped blank', css('a { background: url("../img/b%20c.png") }')],
  ['a folder that goes up and down', css('a { background: url("../img/../img/a.png") }')],
  ['a folder that is here', css('@import "./base.css";')],
  ['what is missing', css('a { background: url("missing.png") }')],
  ['a circle', [{ 'a.css': '@import "b.css";', 'b.css': '@import "a.css";' }]],
  ['a style sheet that refers to itself', [{ 'a.css': '@import "a.css";' }]],
  [
    'text that looks like a url and is none',
    [{ 'a.txt': 'url(b.png)', 'b.js': 'url("c.png")', 'a.html': 'url(x.png)' }],
  ],
]

const base = mkdtempSync(join(tmpdir(), 'portico-collect-'))
afterAll(() => rmSync(base, { recursive: true }))

function write(folders: readonly Folder[], title: string): string[] {
  return folders.map((files, index) => {
    const folder = join(base, title, String(index))
    mkdirSync(folder, { recursive: true })
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text, 'latin1')
    }
    return folder
  })
}

async function ours(staticFilesDirs: readonly string[]): Promise<Collected> {
  const staticRoot = mkdtempSync(join(base, 'root-'))
  try {
    const { manifest } = await collectStatic(defineSettings({ secretKey: 'k', staticFilesDirs, staticRoot }))
    const names = readdirSync(staticRoot, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(staticRoot.length + 1))
      .filter((name) => name !== 'staticfiles.json')
    const files = names.map((name) => [name, readFileSync(join(staticRoot, name), 'latin1')] as const)
    return { paths: manifest, files: Object.fromEntries(files) }
  } catch (error) {
    return { error: String(error) }
  }
}

const REFERENCES = /url\(\s*(?:"([^"]*)"|'([^']*)'|([^\s"')]*))\s*\)|(?<=@import )(?:"([^"]*)"|'([^']*)')/g

/**
 * References as where a browser goes by them: Django writes those that it changes in double quotes, from the root when
 * they were written so; we leave quotes and blanks as they are, and write every one from the style sheet's folder.
 */
const followed = (name: string, text: string): string =>
  text.replace(REFERENCES, (_all, ...groups: (string | undefined)[]) => {
    const reference = groups.slice(0, 5).find((group) => group !== undefined) ?? ''
    return `<${reference === '' ? '' : new URL(reference, `http://site/static/${name}`).href}>`
  })

/** Hashes replaced by their file's own name: Django hashes by MD5, we by SHA-256. */
function comparable({ paths = {}, files = {}, error }: Collected): unknown {
  if (error !== undefined) return 'refused'
  const hashes = new Map<string, string>()
  for (const [name, hashed] of Object.entries(paths)) {
    const hash = /\.([0-9a-f]{12})(?:\.[^./]*)?$/.exec(hashed)?.[1]
    if (hash === undefined) throw new Error(`no hash in ${hashed}`)
    hashes.set(hash, name)
  }
  const plain = (text: string) =>
    text.replace(/(?<=\.)[0-9a-f]{12}\b/g, (hash) => (hashes.has(hash) ? '#' : hash))
  const sorted = (record: Readonly<Record<string, string>>) =>
    Object.entries(record)

      .map(([name, text]) => plain(`${name}: ${name.endsWith('.css') ? followed(name, text) : text}`))

      .sort()
  return { paths: sorted(paths), files: sorted(files) }
}

describeWithPeer('python3', 'collectstatic collects as Django', (python = '') => {
  let folders: string[][]
  let django: Collected[]

  beforeAll(() => {
    folders = cases.map(([title, files]) => write(files, title))
    const script = new URL('django-collectstatic.py', import.meta.url).pathname
    const input = JSON.stringify(folders)
    django = JSON.parse(
      execFileSync(python, [script], { input, encoding: 'utf8', timeout: 90_000 }),
    ) as Collected[]
  }, 100_000)

  test.each(cases.map(([title, , differs], index) => ({ title, differs, index })))(
    '$title',
    async ({ differs, index }) => {
      const own = comparable(await ours(folders[index] ?? []))
      const theirs = comparable(django[index] ?? {})
      // A row that says it differs has to differ, or its reason is out of date.
      if (differs === undefined) expect(own).toEqual(theirs)
      else expect(own).not.toEqual(theirs)
    },
  )
})

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import {
  Client,
  collectStatic,
  defineSettings,
  findersOf,
  findStatic,
  memorySource,
  path,
  render,
  staticConf,
  staticUrls,
  storedFileResponse,
  type SettingsInput,
} from 'portico/web'
import { resolveReference, rewriteCss } from '../../../src/web/static/hashed-name.ts'

const folder = mkdtempSync(join(tmpdir(), 'portico-static-'))
const [own, app, root] = ['own', 'app', 'root'].map((name) => join(folder, name)) as [string, string, string]
afterAll(() => rmSync(folder, { recursive: true }))

function put(base: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(base, name)), { recursive: true })
    writeFileSync(join(base, name), text)
  }
}

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true })
  put(own, {
    'css/site.css':
      '@import "base.css"; a { background: url("../img/a.png?x#y") } b { background: url(data:image/png,x) }',
    'css/base.css': "b { src: url('/static/img/a.png') } i { background: url(https://cdn.example/x.png) }",
    'img/a.png': 'first',
  })
  put(app, { 'img/a.png': 'second', 'app/x.js': 'x', '.git/config': 'secret', 'x.js~': 'old' })
})

const settingsOf = (more: SettingsInput = {}) =>
  defineSettings({
    secretKey: 'x',
    allowedHosts: ['*'],
    staticFilesDirs: [own, app],
    staticRoot: root,
    ...more,
  })

describe('static files', () => {
  it('are found in all folders, the first of a path counts, and leavings are none', async () => {
    const found = await findStatic(settingsOf())
    expect(found.map(({ path: name }) => name).sort()).toEqual([
      'app/x.js',
      'css/base.css',
      'css/site.css',
      'img/a.png',
    ])
    expect(await findersOf('img/a.png', settingsOf())).toEqual([own, app])
    await expect(findersOf('../own/img/a.png', settingsOf())).rejects.toThrow(RangeError)
  })

  it('are collected under hashed names that style sheets then use', async () => {
    const { manifest, copied } = await collectStatic(settingsOf())
    const { 'img/a.png': image = '', 'css/base.css': base = '', 'css/site.css': site = '' } = manifest
    expect(image).toMatch(/^img\/a\.[0-9a-f]{12}\.png$/)
    expect(copied).toBe(9)
    const text = readFileSync(join(root, site), 'utf8')
    expect(text).toContain(`@import "${base.slice(4)}"`)
    expect(text).toContain(`url("../${image}?x#y")`)
    expect(text).toContain('url(data:image/png,x)')
    expect(readFileSync(join(root, base), 'utf8')).toContain(`url('../${image}')`)
    expect(readFileSync(join(root, base), 'utf8')).toContain('https://cdn.example/x.png')
    expect(readFileSync(join(root, image), 'utf8')).toBe('first')
    expect(readFileSync(join(root, 'css/site.css'), 'utf8')).toContain('@import "base.css"')
  })

  it('get another name when what they refer to changes, and are not copied again when nothing has', async () => {
    const before = (await collectStatic(settingsOf())).manifest
    expect(await collectStatic(settingsOf())).toMatchObject({ copied: 0, unmodified: 9 })
    put(own, { 'img/a.png': 'changed' })
    const after = (await collectStatic(settingsOf())).manifest
    for (const name of ['img/a.png', 'css/base.css', 'css/site.css'])
      expect(after[name]).not.toBe(before[name])
    expect(after['app/x.js']).toBe(before['app/x.js'])
  })

  it('are only counted with dryRun, and cleared with clear', async () => {
    const lines: string[] = []
    await collectStatic(settingsOf(), { dryRun: true, log: (line) => lines.push(line) })
    expect(() => readdirSync(root)).toThrow('ENOENT')
    expect(lines).toContain("Pretending to copy 'img/a.png'")
    put(root, { 'stale.txt': 'x' })
    await collectStatic(settingsOf(), { dryRun: true, clear: true, log: (line) => lines.push(line) })
    expect(lines).toContain("Pretending to delete 'stale.txt'")
    expect(readdirSync(root)).toEqual(['stale.txt'])
    await collectStatic(settingsOf(), { clear: true })
    expect(readdirSync(root)).not.toContain('stale.txt')
  })

  it('refuse a reference to nothing, a circle, and a folder collected into itself', async () => {
    put(own, { 'css/bad.css': 'a { background: url(missing.png) }' })
    await expect(collectStatic(settingsOf())).rejects.toThrow(
      "'css/missing.png' that 'css/bad.css' refers to",
    )
    put(own, { 'css/bad.css': '@import "worse.css"', 'css/worse.css': '@import "bad.css"' })
    await expect(collectStatic(settingsOf())).rejects.toThrow('import each other')
    await expect(collectStatic(settingsOf({ staticRoot: own }))).rejects.toThrow('must not have')
    await expect(collectStatic(settingsOf({ staticRoot: null }))).rejects.toThrow('not set')
  })

  it('are not cleared away with the folder that they are collected in', async () => {
    put(join(root, 'src'), { 'site.css': 'a{}' })
    const nested = defineSettings({ secretKey: 'x', staticRoot: root, staticFilesDirs: [join(root, 'src')] })
    await expect(collectStatic(nested, { clear: true })).rejects.toThrow('would delete')
    expect(readFileSync(join(root, 'src/site.css'), 'utf8')).toBe('a{}')
    expect((await collectStatic(nested)).copied).toBe(3)
  })

  it('follow no symbolic link out of their folder', async () => {
    put(folder, { 'secret.txt': 'secret' })
    symlinkSync(join(folder, 'secret.txt'), join(own, 'link.txt'))
    expect((await collectStatic(settingsOf())).manifest).not.toHaveProperty('link.txt')
  })
})

describe('{% static %}', () => {
  const show = async (more: SettingsInput): Promise<string> => {
    const settings = settingsOf({
      ...more,
      templates: {
        loaders: [
          memorySource({
            's.html':
              '{% load static %}{% static "img/a.png" %} {% static "no ne.png" %} {% get_static_prefix %}',
          }),
        ],
      },
      rootUrlconf: [path('', (request) => render(request, 's.html'))],
    })
    return (await new Client(settings).get('/')).text
  }

  it('gives the hashed name once collected, and the plain one before and while developing', async () => {
    expect(await show({})).toBe('/static/img/a.png /static/no%20ne.png /static/')
    const { manifest } = await collectStatic(settingsOf())
    expect(await show({})).toBe(`/static/${manifest['img/a.png']} /static/no%20ne.png /static/`)
    expect(await show({ debug: true })).toBe('/static/img/a.png /static/no%20ne.png /static/')
    expect(staticUrls(settingsOf({ staticUrl: 'https://cdn.example/' }))('img/a.png?v#f')).toBe(
      `https://cdn.example/${manifest['img/a.png']}?v#f`,
    )
  })
})

describe('references', () => {
  it.each([
    ['a.png', 'css/x.css', 'css/a.png'],
    ['./a.png', 'css/x.css', 'css/a.png'],
    ['../a%20b.png', 'css/x.css', 'a b.png'],
    ['/static/a.png', 'css/x.css', 'a.png'],
    ['/other/a.png', 'css/x.css', null],
    ['../../../etc/passwd', 'css/x.css', null],
    ['//evil.example/a', 'css/x.css', null],
    ['data:image/png,xx', 'css/x.css', null],
    ['#fragment', 'css/x.css', null],
  ])('%j in %s is %j', (url, from, target) => {
    expect(resolveReference(url, from, '/static/')?.path ?? null).toBe(target)
  })

  it('are rewritten in linear time', () => {
    const started = performance.now()
    for (const text of [
      'url('.repeat(50_000),
      `url(${' '.repeat(50_000)}`,
      '@import '.repeat(50_000),
      '/*# sourceMappingURL='.repeat(20_000),
    ]) {
      rewriteCss(text, (url) => url)
    }
    expect(performance.now() - started).toBeLessThan(5000)
  })
})

describe('the snippet for the web server', () => {
  it('serves what has a hash for ever, and refuses paths that would be more than paths', () => {
    const conf = staticConf(settingsOf({ staticRoot: '/srv/static' }))
    expect(conf).toContain('location /static/ {')
    expect(conf).toContain('alias /srv/static/;')
    expect(conf).toContain('max-age=31536000, immutable')
    expect(() => staticConf(settingsOf({ staticRoot: '/srv/x; include /etc/passwd' }))).toThrow(RangeError)
  })
})

it('rewrites the name and not what is around it', () => {
  const changed = (text: string): string => rewriteCss(text, (url) => `${url}.1`)
  expect(changed('url(u) url("url") url( l ) @import "import"; @import \'m\'')).toBe(
    'url(u.1) url("url.1") url( l.1 ) @import "import.1"; @import \'m.1\'',
  )
})

describe('a stored file', () => {
  const serve = (more: SettingsInput = {}) =>
    new Client(
      settingsOf({
        ...more,
        rootUrlconf: [path('f/<path:name>', (request, { name }) => storedFileResponse(request, own, name))],
      }),
    )

  it('is sent from here without a web server in front', async () => {
    const answer = await serve().get('/f/img/a.png')
    expect([answer.text, answer.header('Content-Type'), answer.header('Content-Length')]).toEqual([
      'first',
      'image/png',
      '5',
    ])
  })

  it('is handed to the web server that has the folder', async () => {
    put(own, { 'img/ä b.png': 'x' })
    const answer = await serve({ accelLocations: { '/protected/': folder } }).get('/f/img/%C3%A4%20b.png')
    expect([answer.text, answer.header('X-Accel-Redirect')]).toEqual([
      '',
      '/protected/own/img/%C3%A4%20b.png',
    ])
  })

  it.each(['../root/x', '..%2f..%2fetc/passwd', 'img/../../secret', 'img/%00', '/etc/passwd', 'img', 'none'])(
    'is not found as %j',
    async (name) => {
      put(folder, { secret: 'secret' })
      expect((await serve().get(`/f/${name}`)).status).toBe(404)
    },
  )
})

/** `disable_symlinks`: what is behind a symbolic link is refused, and nothing else. */
import {
  lchownSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { withoutLinks, type SymlinkRule } from '../../src/front/disable-symlinks.ts'
import type { Request } from '../../src/front/request.ts'
import { FileCache, type FileLookup } from '../../src/io/files/file-cache.ts'
import { FrontHarness } from '../support/front-harness.ts'

const harness = new FrontHarness(
  `server {
    location / { root site; }
    location /on/ { alias site/; disable_symlinks on; gzip_static on; }
    location /list/ { alias site/; disable_symlinks on; autoindex on; }
    location /random/ { alias site/; disable_symlinks on; random_index on; index none; }
    location /owner/ { alias site/; disable_symlinks if_not_owner; }
    location /from/ { alias site/link/; disable_symlinks on from=$document_root; }
    location /within/ { alias site/link/; disable_symlinks on from=$document_root/inner; }
    location /elsewhere/ { alias site/; disable_symlinks on from=/nowhere; }
    location /whole { root site; disable_symlinks on from=$request_filename; }
    location /try/ { alias site/; disable_symlinks on; try_files $uri /none; }
    location = /none { return 200 none; }
    location /if/ { alias site/; disable_symlinks on; if (-f $request_filename) { return 200 there; } return 200 absent; }
    location /cached/ { alias site/; disable_symlinks on; open_file_cache max=10; open_file_cache_valid 1h; }
  }`,
  {
    'site/plain.html': 'plain',
    'site/folder/index.html': 'index',
    'site/folder/deep.html': 'deep',
    'site/coded.html': 'uncoded',
    'other/secret.html': 'secret',
  },
)
const site = `${harness.folder}/site`
mkdirSync(`${site}/unindexed`)
for (const [name, target] of [
  ['leaf.html', 'plain.html'],
  ['link', 'folder'],
  ['whole', 'plain.html'],
  ['out.html', '../other/secret.html'],
  ['circle.html', 'circle.html'],
  ['coded.html.gz', 'plain.html'],
  ['unindexed/index.html', '../plain.html'],
] as const)
  symlinkSync(target, `${site}/${name}`)

afterAll(() => harness.close())

const openDescriptors = (): number => readdirSync('/proc/self/fd').length

describe('disable_symlinks', () => {
  it.each([
    ['off: a link to a file', '/leaf.html', 200, 'plain'],
    ['on: a file', '/on/plain.html', 200, 'plain'],
    ['on: a file in a folder', '/on/folder/deep.html', 200, 'deep'],
    ['on: the index of a folder', '/on/folder/', 200, 'index'],
    ['on: a link to a file', '/on/leaf.html', 403, undefined],
    ['on: a link that leads out', '/on/out.html', 403, undefined],
    ['on: a file behind a link to a folder', '/on/link/deep.html', 403, undefined],
    ['on: the index behind a link to a folder', '/on/link/', 403, undefined],
    ['on: a link to a folder, without its slash', '/on/link', 403, undefined],
    ['on: an index that is a link', '/on/unindexed/', 403, undefined],
    ['on: a link to itself', '/on/circle.html', 403, undefined],
    ['on: a file that is not there', '/on/none.html', 404, undefined],
    ['on: a list behind a link', '/list/link/', 403, undefined],
    ['on: a random file behind a link', '/random/link/', 403, undefined],
    ['if_not_owner: a link of the same owner', '/owner/leaf.html', 200, 'plain'],
    ['if_not_owner: a folder of the same owner', '/owner/link/deep.html', 200, 'deep'],
    ['from: the root is a link', '/from/deep.html', 200, 'deep'],
    ['from: no beginning of the path', '/elsewhere/leaf.html', 403, undefined],
    ['from: part of a component is none', '/within/deep.html', 403, undefined],
    ['from: the whole name', '/whole', 200, 'plain'],
    ['try_files: a file', '/try/plain.html', 200, 'plain'],
    ['try_files: a link', '/try/leaf.html', 200, 'none'],
    ['if -f: a file', '/if/plain.html', 200, 'there'],
    ['if -f: a link', '/if/leaf.html', 200, 'absent'],
  ])('%s', async (_name, target, status, body) => {
    const answer = await harness.get(target)
    expect(answer.status).toBe(status)
    if (body !== undefined) expect(answer.body).toBe(body)
    expect(answer.body).not.toContain('secret')
  })

  it('a coded file that is a link is not sent in place of the plain one', async () => {
    const { body } = await harness.get('/on/coded.html', 'Accept-Encoding: gzip\r\n')
    expect(body).toBe('uncoded')
  })

  it.runIf(process.getuid?.() === 0)('if_not_owner refuses the link of somebody else', async () => {
    symlinkSync('plain.html', `${site}/foreign.html`)
    lchownSync(`${site}/foreign.html`, 65_534, 65_534)
    expect((await harness.get('/owner/foreign.html')).status).toBe(403)
  })

  it('a link that takes the place of a file is seen though the file is cached', async () => {
    symlinkSync('../other/secret.html', `${site}/new.html`)
    renameSync(`${site}/plain.html`, `${site}/kept.html`)
    symlinkSync('kept.html', `${site}/plain.html`)
    expect((await harness.get('/cached/plain.html')).status).toBe(403)
    unlinkSync(`${site}/plain.html`)
    renameSync(`${site}/kept.html`, `${site}/plain.html`)
    expect((await harness.get('/cached/new.html')).status).toBe(403)
  })

  it('a file that another takes the place of is served new though the one before it is cached', async () => {
    writeFileSync(`${site}/turned.html`, 'before')
    expect((await harness.get('/cached/turned.html')).body).toBe('before')
    writeFileSync(`${site}/turned.next`, 'after')
    renameSync(`${site}/turned.next`, `${site}/turned.html`)
    expect(await harness.get('/cached/turned.html')).toMatchObject({ status: 200, body: 'after' })
  })

  it('a link that is there only while the file is looked up is seen: another file was found', () => {
    const rule: SymlinkRule = { ownersMayLink: false, from: undefined }
    const files = new FileCache(1 << 20)
    const request = {} as Request // asked for the value of `from` alone
    const judged = (found: string): FileLookup =>
      withoutLinks(request, `${site}/plain.html`, files.lookup(`${site}/${found}`), rule)
    expect(judged('plain.html')).toMatchObject({ kind: 'file' })
    expect(judged('out.html')).toMatchObject({ kind: 'denied', error: { code: 'ELOOP' } })
  })

  it('says why, and keeps no descriptor', async () => {
    const before = openDescriptors()
    for (let count = 0; count < 20; count += 1) {
      await harness.get('/on/link/deep.html')
      await harness.get('/on/folder/deep.html')
      await harness.get('/owner/leaf.html')
    }
    expect(openDescriptors()).toBe(before)
    expect(harness.read('logs/error.log')).toMatch(/open\(\) "[^"]*link\/deep.html" failed \(40: /)
  })
})

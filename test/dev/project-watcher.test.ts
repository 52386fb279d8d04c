import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ProjectWatcher } from '../../src/dev/project-watcher.ts'

let root: string
let watcher: ProjectWatcher
let changed: Set<string>

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'portico-watch-'))
  for (const folder of ['src/deep', 'node_modules/x', '.git', 'run'])
    mkdirSync(join(root, folder), { recursive: true })
  changed = new Set()
  watcher = new ProjectWatcher({
    root,
    ignored: [join(root, 'run')],
    onChange: (paths) => {
      for (const path of paths) changed.add(path.slice(root.length + 1))
    },
    onLimit: () => undefined,
  })
})
afterEach(() => {
  watcher.close()
  rmSync(root, { recursive: true })
})

const write = (name: string): void => writeFileSync(join(root, name), 'x')
const told = (name: string) => vi.waitFor(() => expect([...changed]).toContain(name), { timeout: 20_000 })

it('tells of files that are written, and of those that take the place of others', async () => {
  write('src/deep/a.ts')
  await told('src/deep/a.ts')
  write('src/.b.ts.swp')
  renameSync(join(root, 'src/.b.ts.swp'), join(root, 'src/b.ts'))
  await told('src/b.ts')
})

it('leaves packages, hidden files and what it is told alone', async () => {
  for (const name of ['node_modules/x/a.js', '.git/HEAD', 'run/db.sqlite3', 'src/.swap']) write(name)
  write('src/last.ts')
  await told('src/last.ts')
  expect([...changed]).toEqual(['src/last.ts'])
})

it('watches folders that come later, and files of the environment', async () => {
  mkdirSync(join(root, 'later/deeper'), { recursive: true })
  await told('later')
  write('later/deeper/a.ts')
  await told('later/deeper/a.ts')
  write('.env.local')
  await told('.env.local')
})

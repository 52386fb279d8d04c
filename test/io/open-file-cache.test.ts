import { mkdtempSync, rmSync, unlinkSync, writeFileSync, renameSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FileCache, type FileEntry, type FileLookup } from '../../src/io/files/file-cache.ts'
import { OpenFileCache, type OpenFileCacheRules } from '../../src/io/files/open-file-cache.ts'

const RULES: OpenFileCacheRules = { validMs: 60_000, minUses: 1, errors: false }

/** Counts how often the file system was asked. */
class CountedFiles extends FileCache {
  count = 0

  override lookup(path: string): FileLookup {
    this.count += 1
    return super.lookup(path)
  }
}

let folder: string
let files: CountedFiles
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portico-open-files-'))
  files = new CountedFiles(1 << 20)
})
afterEach(() => rmSync(folder, { recursive: true }))

const path = (name: string): string => join(folder, name)
const write = (name: string, text: string): void => writeFileSync(path(name), text)
const textOf = (found: FileLookup): string | undefined => (found.kind === 'file' ? found.text : undefined)

describe('FileCache', () => {
  it('gives a changed file at once, whichever way it changed', () => {
    write('a', 'one')
    expect(textOf(files.lookup(path('a')))).toBe('one')
    write('a', 'other')
    expect(textOf(files.lookup(path('a')))).toBe('other')
    write('b', 'third')
    utimesSync(path('b'), 1000, 1000)
    renameSync(path('b'), path('a'))
    expect(textOf(files.lookup(path('a')))).toBe('third')
    unlinkSync(path('a'))
    expect(files.lookup(path('a')).kind).toBe('notFound')
  })

  it('gives the same entry as long as nothing changed', () => {
    write('a', 'one')
    expect(files.lookup(path('a'))).toBe(files.lookup(path('a')))
  })
})

describe('The content of a file that is too large for text', () => {
  const SIZE = 100_000
  const entryOf = (name: string): FileEntry => {
    const found = files.lookup(path(name))
    if (found.kind !== 'file') throw new Error(found.kind)
    return found
  }

  it('is kept from the second use on, and read once', () => {
    write('a', 'x'.repeat(SIZE))
    const entry = entryOf('a')
    expect(entry.text).toBeUndefined()
    expect(files.contentOf(entry)).toBeUndefined()
    const bytes = files.contentOf(entry)
    expect(bytes?.toString()).toBe('x'.repeat(SIZE))
    expect(files.contentOf(entryOf('a'))).toBe(bytes)
  })

  it('is not that of a file which took its place', () => {
    write('a', 'x'.repeat(SIZE))
    const old = entryOf('a')
    files.contentOf(old)
    write('b', 'y'.repeat(SIZE))
    renameSync(path('b'), path('a'))
    expect(files.contentOf(old)).toBeUndefined()
    const now = entryOf('a')
    files.contentOf(now)
    expect(files.contentOf(now)?.toString()).toBe('y'.repeat(SIZE))
  })

  it('is not kept beyond 2 MiB, nor beyond the budget', () => {
    write('large', 'x'.repeat((2 << 20) + 1))
    const large = entryOf('large')
    files.contentOf(large)
    expect(files.contentOf(large)).toBeUndefined()
    const names = Array.from({ length: 10 }, (_, index) => `f${index}`)
    for (const name of names) write(name, 'x'.repeat(SIZE))
    const first = names.map((name) => {
      const entry = entryOf(name)
      files.contentOf(entry)
      return files.contentOf(entry)
    })
    expect(first.every((bytes) => bytes?.length === SIZE)).toBe(true)
    expect(files.contentOf(entryOf('f0'))).not.toBe(first[0])
    expect(files.contentOf(entryOf('f9'))).toBe(first[9])
  })
})

describe('OpenFileCache', () => {
  it('asks again once the time is over, not before', () => {
    const cache = new OpenFileCache({ maxEntries: 10, inactiveMs: 60_000 })
    write('a', 'one')
    expect(textOf(cache.lookup(path('a'), RULES, files, 0))).toBe('one')
    write('a', 'changed')
    expect(textOf(cache.lookup(path('a'), RULES, files, 59_999))).toBe('one')
    expect(textOf(cache.lookup(path('a'), RULES, files, 60_000))).toBe('changed')
    expect(textOf(cache.lookup(path('a'), RULES, files, 119_999))).toBe('changed')
    expect(files.count).toBe(2)
  })

  it('keeps folders', () => {
    const cache = new OpenFileCache({ maxEntries: 10, inactiveMs: 60_000 })
    expect(cache.lookup(folder, RULES, files, 0).kind).toBe('directory')
    expect(cache.lookup(folder, RULES, files, 1).kind).toBe('directory')
    expect(files.count).toBe(1)
  })

  it('keeps faults only where it is told to', () => {
    const cache = new OpenFileCache({ maxEntries: 10, inactiveMs: 60_000 })
    expect(cache.lookup(path('none'), RULES, files, 0).kind).toBe('notFound')
    write('none', 'there now')
    expect(cache.lookup(path('none'), RULES, files, 1).kind).toBe('file')
    const keeping = { ...RULES, errors: true }
    expect(cache.lookup(path('never'), keeping, files, 0).kind).toBe('notFound')
    write('never', 'there now')
    expect(cache.lookup(path('never'), keeping, files, 1).kind).toBe('notFound')
    expect(cache.lookup(path('never'), keeping, files, 60_001).kind).toBe('file')
  })

  it('forgets a file that has gone when faults are not kept', () => {
    const cache = new OpenFileCache({ maxEntries: 10, inactiveMs: 60_000 })
    write('a', 'one')
    cache.lookup(path('a'), RULES, files, 0)
    unlinkSync(path('a'))
    expect(cache.lookup(path('a'), RULES, files, 1).kind).toBe('file')
    expect(cache.lookup(path('a'), RULES, files, 60_000).kind).toBe('notFound')
    expect(cache.entryCount).toBe(0)
  })

  it('trusts a file only after min_uses', () => {
    const cache = new OpenFileCache({ maxEntries: 10, inactiveMs: 60_000 })
    const rules = { ...RULES, minUses: 3 }
    write('a', 'one')
    for (let use = 0; use < 3; use += 1) cache.lookup(path('a'), rules, files, use)
    expect(files.count).toBe(3)
    cache.lookup(path('a'), rules, files, 4)
    expect(files.count).toBe(3)
  })

  it('holds at most max entries: the one unused for longest goes', () => {
    const cache = new OpenFileCache({ maxEntries: 2, inactiveMs: 60_000 })
    for (const name of ['a', 'b', 'c']) write(name, name)
    cache.lookup(path('a'), RULES, files, 0)
    cache.lookup(path('b'), RULES, files, 1)
    cache.lookup(path('a'), RULES, files, 2)
    cache.lookup(path('c'), RULES, files, 3)
    expect(cache.entryCount).toBe(2)
    files.count = 0
    cache.lookup(path('a'), RULES, files, 4)
    cache.lookup(path('c'), RULES, files, 4)
    expect(files.count).toBe(0)
    cache.lookup(path('b'), RULES, files, 4)
    expect(files.count).toBe(1)
  })

  it('drops what was not used for so long', () => {
    const cache = new OpenFileCache({ maxEntries: 10, inactiveMs: 1000 })
    write('a', 'one')
    write('b', 'two')
    cache.lookup(path('a'), RULES, files, 0)
    cache.lookup(path('b'), RULES, files, 1500)
    expect(cache.entryCount).toBe(1)
    cache.lookup(path('a'), RULES, files, 1600)
    expect(files.count).toBe(3)
  })

  it('asks again for what it was told to forget', () => {
    const cache = new OpenFileCache({ maxEntries: 10, inactiveMs: 1000 })
    write('a', 'one')
    cache.lookup(path('a'), RULES, files, 0)
    write('a', 'two!')
    cache.forget(path('a'))
    expect(textOf(cache.lookup(path('a'), RULES, files, 1))).toBe('two!')
  })
})

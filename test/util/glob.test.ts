import { describe, expect, it } from 'vitest'
import { expandGlob, matchGlob } from '../../src/util/glob.ts'

describe('one name', () => {
  it.each([
    ['*', 'a', 'b.conf', ''],
    ['*.conf', 'a.conf', 'a.b.conf'],
    ['a*b*c', 'abc', 'axbxc', 'abcbc'],
    ['?', 'a', '\xff'],
    ['.*', '.a', '.'],
    ['\\.a', '.a'],
    ['[ab]', 'a', 'b'],
    ['[!ab]', 'c', '!'],
    ['[^ab]', 'c', '^'],
    ['[a-c]x', 'ax', 'cx'],
    ['[]]', ']'],
    ['[!]]', 'a'],
    ['[a-]', 'a', '-'],
    ['[[:digit:][:upper:]]', '7', 'Q'],
    ['[\\]]', ']'],
    ['[', '['],
    ['[a', '[a'],
    ['\\*', '*'],
    ['\\', '\\'],
  ])('%j takes the others of %j', (pattern, ...names) => {
    expect(names.filter((name) => !matchGlob(pattern, name))).toEqual([])
  })

  it.each([
    ['*', '.a', '.'],
    ['?', '.', '', 'ab'],
    ['[.]a', '.a'],
    ['*.conf', 'a.conf~', '.conf', 'a.con'],
    ['a*b*c', 'ab', 'acb', 'xabc'],
    ['[!ab]', 'a', 'b', ''],
    ['[a-c]', 'd', '-', 'ab'],
    ['[[:digit:]]', 'a', ':', 'd'],
    ['\\*', 'a', '\\*'],
    ['a', 'A'],
  ])('%j refuses the others of %j', (pattern, ...names) => {
    expect(names.filter((name) => matchGlob(pattern, name))).toEqual([])
  })

  it('takes no exponential time', () => {
    expect(matchGlob('a*'.repeat(50) + 'b', 'a'.repeat(2000))).toBe(false)
  })
})

describe('paths', () => {
  const folders: Readonly<Record<string, readonly string[]>> = {
    '/': ['etc'],
    '/etc': ['a', 'b', 'c.conf', '.d'],
    '/etc/a': ['x.conf', 'y'],
    '/etc/b': ['x.conf'],
    '/etc/.d': ['x.conf'],
    '.': ['rel'],
    rel: ['z'],
  }
  const expand = (pattern: string): string[] => expandGlob(pattern, (folder) => folders[folder] ?? [])

  it.each([
    ['/etc/*', ['/etc/a', '/etc/b', '/etc/c.conf']],
    ['/etc/*.conf', ['/etc/c.conf']],
    ['/etc/*/x.conf', ['/etc/a/x.conf', '/etc/b/x.conf']],
    ['/etc/.*/*', ['/etc/.d/x.conf']],
    ['/*/[b-z]/*', ['/etc/b/x.conf']],
    ['/etc/../etc/b/*', []],
    ['/etc/./b', []],
    ['/etc//b/*', ['/etc/b/x.conf']],
    ['/none/*', []],
    ['/etc/none', []],
    ['re?/*', ['rel/z']],
    ['', []],
  ])('%j', (pattern, expected) => {
    expect(expand(pattern)).toEqual(expected)
  })

  it('keeps dots as written', () => {
    const listed: string[] = []
    const found = expandGlob('/a/../b/*', (folder) => {
      listed.push(folder)
      return folder === '/' ? ['a'] : folder === '/a/..' ? ['b'] : folder === '/a/../b' ? ['c'] : []
    })
    expect(found).toEqual(['/a/../b/c'])
    expect(listed).toEqual(['/', '/a/..', '/a/../b'])
  })
})

/** Folders that a server makes for its sockets, and others that are there before. */
import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makePrivateFolder, makeSocketFolder } from '../../src/io/owned-path.ts'

const isRoot = process.getuid?.() === 0
const STRANGER = 12_345
let shared: string

beforeEach(() => {
  shared = mkdtempSync(join(tmpdir(), 'portico-shared-'))
  chmodSync(shared, 0o1777)
})
afterEach(() => rmSync(shared, { recursive: true, force: true }))

const makers = {
  'for our sockets': (path: string) => makePrivateFolder(join(shared, path), undefined),
  'for those of commands': (path: string) =>
    makeSocketFolder(join(shared, path, 'app'), undefined, undefined),
}

it.each(Object.entries(makers))('a folder %s is made, and found again', (_for, make) => {
  make('a')
  make('a')
  expect(lstatSync(join(shared, 'a')).isDirectory()).toBe(true)
})

it.each(Object.entries(makers))('a folder %s is no link where everybody makes some', (_for, make) => {
  mkdirSync(join(shared, 'elsewhere'))
  symlinkSync('elsewhere', join(shared, 'a'))
  expect(() => make('a')).toThrow('a" is somebody else\'s')
})

it.runIf(isRoot).each(Object.entries(makers))('a folder %s is not one that a stranger made', (_for, make) => {
  mkdirSync(join(shared, 'a'))
  chownSync(join(shared, 'a'), STRANGER, STRANGER)
  expect(() => make('a')).toThrow('a" is somebody else\'s')
})

it.runIf(isRoot)(
  'a folder may be of whom it is made for, and of anybody below one that is not for all',
  () => {
    const path = join(shared, 'site')
    mkdirSync(join(path, 'run'), { recursive: true })
    for (const each of [path, join(path, 'run')]) chownSync(each, STRANGER, STRANGER)
    makePrivateFolder(join(path, 'run'), undefined)
    makePrivateFolder(path, { uid: STRANGER, gid: STRANGER })
  },
)

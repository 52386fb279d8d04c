import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSurroundings } from '../../src/demo/surroundings.ts'
import { demoSite } from './support/site.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'portico-demo-'))
  writeFileSync(join(folder, 'key'), 'from a file\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('an installation that is told nothing has all it needs', () => {
  expect(readSurroundings({})).toEqual({
    databaseUrl: 'sqlite:run/demo.sqlite3',
    cacheUrl: undefined,
    secretKey: undefined,
    allowedHosts: ['localhost', '127.0.0.1', '[::1]'],
  })
})

test('variables say where it is', () => {
  const told = {
    DATABASE_URL: 'postgres://db/book',
    CACHE_URL: 'redis://cache:6379/0',
    SECRET_KEY: 'mine',
    ALLOWED_HOSTS: 'book.example, .book.test,',
  }
  expect(readSurroundings(told)).toEqual({
    databaseUrl: 'postgres://db/book',
    cacheUrl: 'redis://cache:6379/0',
    secretKey: 'mine',
    allowedHosts: ['book.example', '.book.test'],
  })
})

test('a secret comes from a file, without its line end; the variable itself goes before', () => {
  const file = join(folder, 'key')
  expect(readSurroundings({ SECRET_KEY_FILE: file }).secretKey).toBe('from a file')
  expect(readSurroundings({ SECRET_KEY: '', SECRET_KEY_FILE: file }).secretKey).toBe('from a file')
  expect(readSurroundings({ SECRET_KEY: 'said', SECRET_KEY_FILE: file }).secretKey).toBe('said')
})

test('a file that is not there is an error, not a site without a secret', () => {
  expect(() => readSurroundings({ SECRET_KEY_FILE: join(folder, 'nothing') })).toThrow('ENOENT')
})

test('what is empty says nothing', () => {
  const empty = { SECRET_KEY: '', CACHE_URL: '', DATABASE_URL: '', ALLOWED_HOSTS: '' }
  expect(readSurroundings(empty)).toEqual(readSurroundings({}))
})

test('the health page asks no database', async () => {
  const site = await demoSite()
  await site.databases.close()
  const page = await site.visitor().get('/healthz/')
  expect([page.status, page.text]).toEqual([200, 'ok\n'])
})

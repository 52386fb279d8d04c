import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { TempFile } from '../../../src/io/files/temp-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'temp-file-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('what is appended in the loop and beside it is read in its order', async () => {
  const file = TempFile.createNow(folder)
  file.appendNow([Buffer.from('ab'), Buffer.alloc(0), Buffer.from('cd')])
  await file.append(Buffer.from('ef'))
  file.appendNow([])
  expect(file.length).toBe(6)
  expect((await file.read(1, 3)).toString()).toBe('bcd')
  const into = Buffer.alloc(4, '-')
  expect(file.readNow(4, into)).toBe(2)
  expect(into.toString()).toBe('ef--')
  expect(existsSync(file.path)).toBe(false)
  await file.close()
})

test('a named one stays until its name is taken away', async () => {
  const file = await TempFile.create(folder, { named: true, levels: [1, 2] })
  file.appendNow([Buffer.from('kept')])
  await file.close()
  expect(readFileSync(file.path, 'utf8')).toBe('kept')
  await file.unlink()
  expect(existsSync(file.path)).toBe(false)
})

test('a folder that cannot be made is the error of the system', async () => {
  const below = join('/dev/null', 'folder')
  expect(() => TempFile.createNow(below)).toThrow(/ENOTDIR/)
  await expect(TempFile.create(below)).rejects.toThrow(/ENOTDIR/)
})

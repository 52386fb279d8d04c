/** A stored file stands whole at its place or not at all, and leaves nothing else behind. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StoredFile } from '../../../src/io/files/stored-file.ts'

let folder: string
let written: number

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portico-store-'))
  written = 0
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const fileOf = (): StoredFile => new StoredFile(join(folder, 'tmp'), () => (written += 1))
const META = { mode: 0o644, mtimeSeconds: 1_000_000_000 }

describe('a stored file', () => {
  it('appears with its bytes, permissions and time, in folders made for it', async () => {
    const file = fileOf()
    file.append(Buffer.from('one '))
    file.append(Buffer.from('two'))
    expect(file.pendingBytes).toBe(7)
    const target = join(folder, 'a/b/file.txt')
    await file.commit(target, META)
    expect(readFileSync(target, 'latin1')).toBe('one two')
    const { mode, mtimeMs } = statSync(target)
    expect([mode & 0o777, mtimeMs, file.pendingBytes, written]).toEqual([0o644, 1e12, 0, 2])
    expect(readdirSync(join(folder, 'tmp'))).toEqual([])
  })

  it('leaves nothing when it is discarded', async () => {
    const file = fileOf()
    file.append(Buffer.from('half'))
    await file.discard()
    expect(readdirSync(join(folder, 'tmp'))).toEqual([])
  })

  it('says why it could not be given its place, and leaves nothing', async () => {
    writeFileSync(join(folder, 'plain'), '')
    const file = fileOf()
    file.append(Buffer.from('x'))
    await expect(file.commit(join(folder, 'plain/file'), META)).rejects.toThrow(/ENOTDIR|EEXIST/)
    expect(readdirSync(join(folder, 'tmp'))).toEqual([])
  })

  it('says why it could not be made', async () => {
    writeFileSync(join(folder, 'plain'), '')
    const file = new StoredFile(join(folder, 'plain', 'tmp'), () => undefined)
    file.append(Buffer.from('x'))
    await expect(file.commit(join(folder, 'file'), META)).rejects.toThrow(/ENOTDIR/)
  })
})

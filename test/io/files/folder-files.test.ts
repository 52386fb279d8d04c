import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openBelow } from '../../../src/io/files/folder-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'portico-folder-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  ['abc', 'abc'],
  ['', ''],
])('a file of %j that grows while it is sent gives what it announced', async (before, expected) => {
  writeFileSync(join(folder, 'growing.log'), before)
  const file = await openBelow(folder, 'growing.log')
  appendFileSync(join(folder, 'growing.log'), 'more')
  const chunks: Uint8Array[] = []
  for await (const chunk of file?.chunks ?? []) chunks.push(chunk)
  await file?.close()
  expect([file?.size, Buffer.concat(chunks).toString()]).toEqual([before.length, expected])
})

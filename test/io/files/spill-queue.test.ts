/** What is put in comes out whole and in order, however little of it fits into memory. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SpillQueue, type SpillQueueOptions } from '../../../src/io/files/spill-queue.ts'

let folder: string
let changes: number
let failures: string[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portico-spill-'))
  changes = 0
  failures = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function queueOf(options: Partial<SpillQueueOptions> = {}): SpillQueue {
  return new SpillQueue({
    memoryBytes: 10,
    fileBytes: 1 << 20,
    folder,
    onChange: () => (changes += 1),
    onFileError: (error) => failures.push(error.message),
    ...options,
  })
}

async function changed(): Promise<void> {
  const before = changes
  for (let turns = 0; turns < 10_000 && changes === before; turns += 1)
    await new Promise((resolve) => setImmediate(resolve))
}

/** File operations of a closed queue end on other threads: until its descriptor is gone. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20))
}

/** Takes everything, waiting where the file is read. */
async function drain(queue: SpillQueue): Promise<string> {
  let text = ''
  while (!queue.empty) {
    const bytes = queue.shift()
    if (bytes) text += bytes.toString('latin1')
    else if (!queue.empty) await changed()
  }
  return text
}

const letters = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, index) => Buffer.from(`<${index}>`))

describe('a spill queue', () => {
  it('keeps what fits in memory', async () => {
    const queue = queueOf()
    queue.push(Buffer.from('12345'))
    queue.push(Buffer.from('67890'))
    expect([queue.spilled, queue.full, queue.empty]).toEqual([false, false, false])
    expect(await drain(queue)).toBe('1234567890')
  })

  it('sends the rest through a file that has no name', async () => {
    const queue = queueOf()
    const pieces = letters(500)
    for (const piece of pieces) queue.push(piece)
    await changed()
    expect(queue.spilled).toBe(true)
    expect(readdirSync(folder)).toEqual([])
    expect(await drain(queue)).toBe(pieces.map(String).join(''))
    queue.close()
  })

  it('keeps the order where bytes come while others are taken', async () => {
    const queue = queueOf()
    const pieces = letters(300)
    let text = ''
    for (const [index, piece] of pieces.entries()) {
      queue.push(piece)
      if (index % 7 === 0) await changed()
      if (index % 3 === 0) text += String(queue.shift() ?? '')
    }
    text += await drain(queue)
    expect(text).toBe(pieces.map(String).join(''))
  })

  it('goes back to memory once the file is read', async () => {
    const queue = queueOf()
    for (const piece of letters(100)) queue.push(piece)
    await changed()
    await drain(queue)
    expect(queue.shift()).toBeUndefined()
    expect(queue.spilled).toBe(false)
    queue.push(Buffer.from('x'))
    expect(queue.spilled).toBe(false)
    expect(String(queue.shift())).toBe('x')
  })

  it('is full at the bound of the file, and at that of the memory where there is none', async () => {
    const filed = queueOf({ fileBytes: 20 })
    for (const piece of letters(12)) filed.push(piece)
    expect(filed.full).toBe(true)
    const bare = queueOf({ fileBytes: 0 })
    bare.push(Buffer.alloc(9))
    expect(bare.full).toBe(false)
    bare.push(Buffer.alloc(1))
    expect(bare.full).toBe(true)
    bare.push(Buffer.alloc(5))
    expect(bare.spilled).toBe(false)
    filed.close()
    await settled()
  })

  it('goes on in memory where the file cannot be made', async () => {
    mkdirSync(join(folder, 'x'))
    writeFileSync(join(folder, 'x', 'plain'), '')
    const queue = queueOf({ folder: join(folder, 'x', 'plain', 'below') })
    const pieces = letters(50)
    for (const piece of pieces) queue.push(piece)
    await changed()
    expect(failures).toHaveLength(1)
    expect(queue.full).toBe(true)
    expect(await drain(queue)).toBe(pieces.map(String).join(''))
    expect(queue.full).toBe(false)
  })

  it('forgets everything when it is closed in the middle of a write', async () => {
    const queue = queueOf()
    for (const piece of letters(50)) queue.push(piece)
    queue.close()
    await settled()
    expect([queue.shift(), failures, changes]).toEqual([undefined, [], 0])
  })
})

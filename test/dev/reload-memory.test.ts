/** What `portico dev` keeps of threads that it has replaced: nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ReloadedProject } from '../support/reloaded-project.ts'

/** Until everything that a reload runs was compiled once. */
const WARM_UP = 8
const RELOADS = 30
/** A thread that is kept is 7 KiB and more, before whatever its messages hold. */
const MAX_BYTES_EACH = 2048

let project: ReloadedProject

beforeAll(async () => {
  project = await ReloadedProject.start({ interpreted: true })
})
afterAll(async () => expect(await project.stop()).toBe(0))

describe('a project that is reloaded again and again', () => {
  it('leaves nothing on the heap', { timeout: 180_000 }, async () => {
    for (let round = 0; round < WARM_UP; round += 1) await project.reload()
    const before = await project.heap()
    for (let round = 0; round < RELOADS; round += 1) await project.reload()
    const after = await project.heap()
    expect(after.bytes - before.bytes).toBeLessThan(RELOADS * MAX_BYTES_EACH)
    // the current one, the one that is ready for the next change, and one that may still drain
    expect(after.threads).toBeLessThanOrEqual(4)
  })
})

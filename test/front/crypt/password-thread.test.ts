/** Passwords beside the event loop. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PasswordThread } from '../../../src/front/crypt/password-thread.ts'

const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts')
const STORED =
  '$6$beQY0.I/wpvYVMku$gXBKUq2X7BN3cbQ1dkYIYc8UbwQTUMnD6ZhvU/E/j0gFxU3R5z8ZA0Ni.Otxd.SSmaZAh1aWee2b7/rYqKDUL1'
const always = (): boolean => true

describe('a password thread', () => {
  it('verifies in order, drops what nobody waits for, and takes no more than its queue holds', async () => {
    const thread = new PasswordThread({ path: MAIN, args: ['serve-passwords'] })
    const password = Buffer.from('secret word')
    const order: string[] = []
    const ask = async (name: string, wanted: () => boolean, word = password): Promise<string> => {
      const verdict = await thread.verify(word, STORED, wanted)
      order.push(name)
      return verdict
    }
    const first = ask('first', always)
    const dropped = ask('dropped', () => false)
    const wrong = ask('wrong', always, Buffer.from('x'))
    const unknown = thread.verify(password, '$gy$x', always)
    const filling = Array.from({ length: 61 }, () => thread.verify(password, STORED, () => false))
    expect(await ask('one too many', always)).toBe('busy')
    expect(await first).toBe('match')
    expect(await dropped).toBe('dropped')
    expect(await wrong).toBe('mismatch')
    expect(await unknown).toBe('unsupported')
    expect(new Set(await Promise.all(filling))).toEqual(new Set(['dropped']))
    expect(order).toEqual(['one too many', 'first', 'dropped', 'wrong'])
  })

  it('begins anew after a thread that died', async () => {
    const thread = new PasswordThread({ path: join(import.meta.dirname, 'no-such-program.ts'), args: [] })
    expect(await thread.verify(Buffer.from('x'), STORED, always)).toBe('failed')
    expect(await thread.verify(Buffer.from('x'), STORED, always)).toBe('failed')
  })

  it('without a program the caller verifies', async () => {
    const thread = new PasswordThread(undefined)
    expect(await thread.verify(Buffer.from('secret word'), STORED, always)).toBe('match')
  })
})

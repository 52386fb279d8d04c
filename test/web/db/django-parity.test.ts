import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeWithPeer } from '../../support/peer.ts'
import { DjangoLibrary } from './support/django-library.ts'
import { parityCases } from './support/parity-cases.ts'

describeWithPeer('python3', "queries give what Django's ORM gives", (python) => {
  let library: DjangoLibrary
  let theirs: unknown[]

  beforeAll(async () => {
    library = new DjangoLibrary(python)
    await library.fill()
    theirs = library.theirs(parityCases.map(([code]) => code))
  })

  afterAll(() => library.close())

  for (const [i, [code, query, how]] of parityCases.entries()) {
    it(code, async () => {
      if (how === 'fails') {
        expect(theirs[i]).toHaveProperty('error')
        expect(await library.ours(query)).toHaveProperty('error')
        return
      }
      expect(await library.ours(query)).toEqual(theirs[i])
      // The second time the compiled query comes from the cache.
      expect(await library.ours(query)).toEqual(theirs[i])
    })
  }
})

describe('the table of cases', () => {
  it('has the number that is asked for, each once', () => {
    expect(new Set(parityCases.map(([code]) => code)).size).toBe(parityCases.length)
    expect(parityCases.length).toBeGreaterThanOrEqual(100)
  })
})

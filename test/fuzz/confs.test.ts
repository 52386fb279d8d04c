/** Made confs are judged as `nginx -t` judges them. By hand, for as long as is wanted: `node test/fuzz/main.ts confs`. */
import { describe, expect, it } from 'vitest'
import { describeWithPeer } from '../support/peer.ts'
import { compareConfs } from './confs/compare-confs.ts'
import { ConfMaker } from './confs/conf-maker.ts'
import { isKnown, KNOWN_DIFFERENCES } from './confs/known-differences.ts'
import { KINDS } from './confs/vocabulary.ts'

const CONFS = 200
/** The same each time; `npm run fuzz -- confs` takes others. */
const seed = 20_261_121

describeWithPeer('nginx', 'A made conf', (nginx) => {
  it('gets the verdict of nginx, and on the same line', () => {
    const figures = compareConfs(nginx, CONFS, seed)
    expect(figures.differences, `seed ${seed}`).toEqual([])
    // most are sound, and many have something wrong
    expect(figures.accepted).toBeGreaterThan(CONFS / 4)
    expect(figures.refused).toBeGreaterThan(CONFS / 4)
    expect(figures.known).toBeLessThan(CONFS / 10)
  }, 120_000)
})

describe('the maker', () => {
  const make = (number: number) => {
    const maker = new ConfMaker(number)
    return Array.from({ length: 50 }, () => maker.next())
  }

  it('makes the same confs of the same seed', () => {
    expect(make(3)).toEqual(make(3))
    expect(make(3)).not.toEqual(make(4))
  })

  it('fills all that stands in brackets', () => {
    expect(make(5).filter((text) => [...KINDS.keys()].some((kind) => text.includes(`<${kind}>`)))).toEqual([])
  })
})

describe('a known difference', () => {
  it('has a reason, and does not stand for everything', () => {
    for (const { reason } of KNOWN_DIFFERENCES) expect(reason).not.toBe('')
    expect(isKnown('accepted', '[emerg] unknown directive "x" in CONF', '')).toBe(false)
    expect(isKnown('[emerg] invalid value in CONF', 'accepted', 'etag on;')).toBe(false)
  })
})

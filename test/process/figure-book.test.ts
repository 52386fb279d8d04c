import { describe, expect, it } from 'vitest'
import { FigureBook, type FigureSource, type FigureTotals } from '../../src/process/figure-book.ts'
import { FigureCollector } from '../../src/process/figure-collector.ts'
import { FakeHost } from './fake-host.ts'

class Source implements FigureSource {
  asked = 0
  readonly told: FigureTotals[] = []

  askFigures(): void {
    this.asked += 1
  }

  tellTotals(totals: FigureTotals): void {
    this.told.push(totals)
  }
}

function started(): [FakeHost, FigureBook, Source, Source] {
  const host = new FakeHost()
  const book = new FigureBook(host)
  const [a, b] = [new Source(), new Source()]
  book.join(a)
  book.join(b)
  return [host, book, a, b]
}

describe('The figures of all workers', () => {
  it('are the sums of what each counted', () => {
    const [, book, a, b] = started()
    book.learn(a, { n: 2 }, { open: 1 })
    book.learn(b, { n: 3, m: 1 }, { open: 4 })
    book.learn(a, { n: 1 }, { open: 0 })
    expect(book.totals()).toEqual({ counters: { n: 6, m: 1 }, gauges: { open: 4 } })
  })

  it('keep the counters of a worker that ended, not its gauges', () => {
    const [, book, a, b] = started()
    book.learn(a, { n: 2 }, { open: 1 })
    book.learn(b, { n: 3 }, { open: 4 })
    book.leave(b)
    expect(book.totals()).toEqual({ counters: { n: 5 }, gauges: { open: 1 } })
    book.learn(b, { n: 1 }, { open: 9 })
    expect(book.totals()).toEqual({ counters: { n: 6 }, gauges: { open: 1 } })
  })

  it('are told when all have answered', () => {
    const [, book, a, b] = started()
    book.collect(a)
    expect([a.asked, b.asked]).toEqual([1, 1])
    book.learn(a, { n: 1 }, {})
    expect(a.told).toEqual([])
    book.learn(b, { n: 1 }, {})
    expect(a.told).toEqual([{ counters: { n: 2 }, gauges: {} }])
    expect(b.told).toEqual([])
  })

  it('are asked for again for who asks meanwhile', () => {
    const [, book, a, b] = started()
    book.collect(a)
    book.learn(b, {}, {})
    book.collect(b)
    book.learn(a, { n: 1 }, {})
    expect([a.told.length, b.told.length, a.asked, b.asked]).toEqual([1, 0, 2, 2])
    book.learn(b, { n: 1 }, {})
    book.learn(a, {}, {})
    expect(b.told).toEqual([{ counters: { n: 2 }, gauges: {} }])
  })

  it.each([
    ['stands still', async (host: FakeHost) => host.pass(500)],
    ['ends', (_host: FakeHost, book: FigureBook, b: Source) => Promise.resolve(book.leave(b))],
  ])('do not wait for a worker that %s', async (_what, happens) => {
    const [host, book, a, b] = started()
    book.collect(a)
    book.learn(a, { n: 1 }, {})
    await happens(host, book, b)
    expect(a.told).toEqual([{ counters: { n: 1 }, gauges: {} }])
  })
})

describe('A worker that asks for them', () => {
  it('asks once for all questions of a moment, and again for later ones', async () => {
    let asked = 0
    const collector = new FigureCollector(() => (asked += 1))
    const totals = (n: number): FigureTotals => ({ counters: { n }, gauges: {} })
    const first = collector.collect()
    const [second, third] = [collector.collect(), collector.collect()]
    expect(asked).toBe(1)
    collector.learn(totals(1))
    expect(asked).toBe(2)
    collector.learn(totals(2))
    expect(asked).toBe(2)
    expect((await Promise.all([first, second, third])).map(({ counters }) => counters['n'])).toEqual([
      1, 2, 2,
    ])
  })
})

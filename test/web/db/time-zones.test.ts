import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  Extract,
  ModelRegistry,
  Trunc,
  TruncDate,
  createTables,
  defineDatabases,
  f,
  model,
  withTimeZone,
} from '../../../src/entry/web.ts'
import { describeWithPeer } from '../../support/peer.ts'
import { currentDatabase } from '../../../src/web/db/databases.ts'
import { DjangoLibrary } from './support/django-library.ts'
import { Moment, ZONES, fillMoments } from './support/moments.ts'
import { zoneCases } from './support/zone-cases.ts'

describeWithPeer('python3', "dates are those of the current time zone, as in Django's ORM", (python) => {
  let library: DjangoLibrary
  const theirs = new Map<string, unknown>()

  beforeAll(async () => {
    library = new DjangoLibrary(python)
    library.databases.bind()
    await createTables(library.databases.default, [Moment])
    await fillMoments()
    const queries = ZONES.flatMap((zone) => zoneCases.map(([code]) => [zone, code] as const))
    for (const [i, answer] of library.theirs(queries).entries()) theirs.set(String(queries[i]), answer)
  })

  afterAll(() => library.close())

  it.each(ZONES)('in %s', async (zone) => {
    for (const [code, query, how] of zoneCases) {
      const expected = theirs.get(String([zone, code]))
      const answer = await withTimeZone(zone, () => library.ours(query))
      if (how === 'fails') {
        expect(expected).toHaveProperty('error')
        expect(answer).toHaveProperty('error')
      } else expect.soft(answer, code).toEqual(expected)
    }
  })
})

describe('the zone of a query', () => {
  const seen: { readonly sql: string }[] = []

  beforeAll(async () => {
    const databases = defineDatabases({ default: 'sqlite::memory:' }).bind()
    await createTables(databases.default, [Moment])
    await fillMoments()
    databases.default.onQuery((query) => seen.push(query))
  })
  beforeEach(() => seen.splice(0))

  const days = () =>
    Moment.objects.filter({ at: new Date('2023-12-31T23:00:00Z') }).valuesList('at__date', { flat: true })

  it('is that of the place where it is awaited, not of where it was made', async () => {
    const made = withTimeZone('Asia/Kolkata', days)
    expect(await made).toEqual(['2023-12-31'])
    expect(await withTimeZone('Europe/Berlin', async () => made.all())).toEqual(['2024-01-01'])
    expect(await withTimeZone('America/St_Johns', async () => [...(await made.all())])).toEqual([
      '2023-12-31',
    ])
    const year = Moment.objects.filter({ at__year: 2024 })
    const counts = ZONES.map((zone) => withTimeZone(zone, async () => year.count()))
    expect(await Promise.all(counts)).toEqual([15, 17, 19, 13])
  })

  it('is a parameter, never SQL; one statement does for all but UTC', async () => {
    for (const zone of ['Asia/Kolkata', 'Europe/Berlin']) await withTimeZone(zone, async () => days())
    expect(new Set(seen.map(({ sql }) => sql)).size).toBe(1)
    expect(seen.map(({ sql }) => sql).join()).not.toMatch(/Asia|Europe/)
    seen.splice(0)
    await days()
    expect(seen[0]?.sql).not.toContain('portico_')
  })

  it('is not taken for two that differ', async () => {
    const hours = async (first: string, second: string) => {
      const [row] = await Moment.objects
        .filter({ at: new Date('2024-01-01T00:00:00Z') })
        .annotate({
          a: Extract('at', 'hour', { tzinfo: first }),
          b: Extract('at', 'hour', { tzinfo: second }),
        })
        .valuesList('a', 'b')
      return row
    }
    expect(await hours('Asia/Tokyo', 'Asia/Tokyo')).toEqual([9, 9])
    expect(await hours('Asia/Tokyo', 'Europe/Berlin')).toEqual([9, 1])
    expect(await hours('Europe/Berlin', 'Asia/Tokyo')).toEqual([1, 9])
    expect(await hours('UTC', 'Asia/Tokyo')).toEqual([0, 9])
  })

  it.each([
    "UTC'; DROP TABLE moment; --",
    "x' OR '1'='1",
    '',
    'Mars/Olympus',
    'UTC\0',
    '$1',
    '../../etc/passwd',
  ])('is refused where it is set, not in SQL: %j', async (tzinfo) => {
    expect(() => withTimeZone(tzinfo, () => days())).toThrow(RangeError)
    expect(() => Extract('at', 'hour', { tzinfo })).toThrow(RangeError)
    expect(() => Trunc('at', 'hour', { tzinfo })).toThrow(RangeError)
    expect(() => TruncDate('at', { tzinfo })).toThrow(RangeError)
    expect(() => Moment.objects.datetimes('at', 'day', 'asc', { tzinfo })).toThrow(RangeError)
    expect(seen).toEqual([])
  })

  it('gives a moment beside a day its day: `at__date: now` is today', async () => {
    const now = new Date('2023-12-31T18:45:00Z')
    const today = Moment.objects.filter({ at__date: now })
    const byText = (day: string) => Moment.objects.filter({ at__date: day })
    for (const [zone, day] of [
      ['UTC', '2023-12-31'],
      ['Asia/Kolkata', '2024-01-01'],
    ] as const) {
      const [ours, theirs] = await withTimeZone(zone, async () => [
        await today.count(),
        await byText(day).count(),
      ])
      expect(ours).toBe(theirs)
      expect(ours).toBeGreaterThan(0)
    }
    const inTokyo = Moment.objects.annotate({ d: TruncDate('at', { tzinfo: 'Asia/Tokyo' }) })
    expect(await inTokyo.filter({ d: now }).count()).toBe(await inTokyo.filter({ d: '2024-01-01' }).count())
    expect(() => Moment.objects.filter({ at__date: new Date(NaN) })).toThrow('invalid date')
  })

  it('gives times of day to the microsecond that Django may have written, and refuses what is none', async () => {
    const db = currentDatabase().kysely<{ moment: { id: number; at: string } }>()
    const { id } = await Moment.objects.create({ at: new Date(0) })
    const written = { at: '1970-06-01 22:15:30.123456' }
    await db.updateTable('moment').set(written).where('id', '=', id).execute()
    const time = (zone: string, at__time: string) =>
      withTimeZone(zone, async () =>
        Moment.objects.filter({ id, at__time }).valuesList('at__time', { flat: true }),
      )
    expect(await time('UTC', '22:15:30.123456')).toEqual(['22:15:30.123456'])
    expect(await time('Asia/Kolkata', '3:45:30.123456')).toEqual(['03:45:30.123456'])
    await Moment.objects.filter({ id }).delete()
    for (const at__time of ['24:00', '1:60', '12', '12:00:00.1234567', '12:00 ', "1:00'"])
      expect(() => Moment.objects.filter({ at__time })).toThrow('HH:MM[:ss[.uuuuuu]]')
  })

  it('leaves a year to the index', async () => {
    const plan = await withTimeZone('Europe/Berlin', async () =>
      Moment.objects.filter({ at__year: 2024 }).explain(),
    )
    expect(JSON.stringify(plan)).toContain('USING INDEX')
  })

  it('holds for a model’s own ordering', async () => {
    const registry = new ModelRegistry()
    const Dated = model('Dated', { at: f.dateTime() }, { registry, ordering: ['at__date', '-id'] })
    const databases = defineDatabases({ default: 'sqlite::memory:' }).bind(registry)
    await createTables(databases.default, [Dated])
    for (const at of ['2024-01-01T12:00:00Z', '2023-12-31T23:30:00Z'])
      await Dated.objects.create({ at: new Date(at) })
    const ids = () => Dated.objects.valuesList('id', { flat: true })
    expect(await ids()).toEqual([2, 1])
    expect(await withTimeZone('Europe/Berlin', async () => ids())).toEqual([2, 1])
    expect(await withTimeZone('America/St_Johns', async () => ids())).toEqual([2, 1])
    await Dated.objects.create({ at: new Date('2024-01-01T02:00:00Z') })
    expect(await ids()).toEqual([2, 3, 1])
    expect(await withTimeZone('Europe/Berlin', async () => ids())).toEqual([3, 2, 1])
    expect(await withTimeZone('America/St_Johns', async () => ids())).toEqual([3, 2, 1])
    await databases.close()
  })
})

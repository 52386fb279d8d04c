import { f, model } from '../../../../src/entry/web.ts'

/** Moments at which clocks somewhere change, or a day, week or year begins. django_peer.py has the same model. */
export const Moment = model('Moment', {
  at: f.dateTime({ null: true, index: true }),
  day: f.date({ null: true }),
  /** Of a moment that the clock of ZONES shows twice, which of the two it is. */
  turn: f.char({ max: 6, default: 'only' }),
})

export const ZONES = ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/St_Johns'] as const

type Row = readonly [at: string | null, turn?: 'first' | 'second']

const ROWS: readonly Row[] = [
  [null],
  // New Year comes to Kolkata, to Berlin, to Greenwich, to St. John's.
  ['2023-12-31T18:29:59.999'],
  ['2023-12-31T18:30:00'],
  ['2023-12-31T22:59:59'],
  ['2023-12-31T23:00:00'],
  ['2023-12-31T23:59:59.500'],
  ['2024-01-01T00:00:00'],
  ['2024-01-01T03:29:59'],
  ['2024-01-01T03:30:00'],
  // ISO's year 2020 has 53 weeks.
  ['2021-01-03T18:45:00'],
  ['2021-01-03T23:15:00'],
  ['2021-01-04T01:00:00'],
  // Summer time begins in Berlin: 02:00 is 03:00. The day has 23 hours.
  ['2024-03-30T22:59:59'],
  ['2024-03-30T23:00:00'],
  ['2024-03-31T00:59:59.999'],
  ['2024-03-31T01:00:00'],
  ['2024-03-31T01:30:45'],
  ['2024-03-31T21:59:59'],
  ['2024-03-31T22:00:00'],
  // It ends: 02:00 to 03:00 is there twice.
  ['2024-10-26T22:00:00'],
  ['2024-10-27T00:30:15', 'first'],
  ['2024-10-27T01:30:15', 'second'],
  ['2024-10-27T22:59:59'],
  ['2024-10-27T23:00:00'],
  // St. John's changed a minute after midnight: 23:01 to 00:01 was there twice, with a midnight in each.
  ['2006-10-29T02:00:00', 'first'],
  ['2006-10-29T02:30:30', 'first'],
  ['2006-10-29T03:00:00', 'second'],
  ['2006-10-29T03:30:30', 'second'],
  ['2006-04-02T03:30:59'],
  ['2006-04-02T03:31:00', 'first'],
  // In 1988 by two hours.
  ['1988-10-30T01:30:10', 'first'],
  ['1988-10-30T03:30:10', 'second'],
  // Before 1970; in 1945 Berlin's summer time was of two hours.
  ['1969-12-31T18:30:00.001'],
  ['1969-12-31T23:59:59.999'],
  ['1945-07-01T21:30:00'],
]

/** In 1916 October came to Berlin twice; in 1890 clocks went by the sun, to the second. pytz rounds them to minutes. */
const OLD: readonly Row[] = [
  ['1916-09-30T21:59:59'],
  ['1916-09-30T22:30:00'],
  ['1916-09-30T23:30:00'],
  ['1889-12-31T23:30:00'],
  ['1890-01-01T00:30:00'],
  ['0999-12-31T23:30:00.250'],
]

export async function fillMoments(withOld = false): Promise<void> {
  const rows = withOld ? [...ROWS, ...OLD] : ROWS
  for (const [i, [at, turn = 'only']] of rows.entries()) {
    const moment = at === null ? null : new Date(`${at}Z`)
    // Days that are the moments' in some zones and not in others.
    const day = moment === null || i % 5 === 0 ? null : moment.toISOString().slice(0, 10)
    await Moment.objects.create({ at: moment, day, turn })
  }
}

import { ValueError } from '../errors.ts'
import type { FieldKind, SqlValue } from './field.ts'

const TIME = /^(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?$/

/** `HH:MM:SS`, with six more digits when the fraction is not zero: the order of texts is that of times. */
function prepareTime(value: unknown): string {
  const [, hour = '', minute = '', second = '00', fraction = ''] = TIME.exec(String(value)) ?? []
  if (hour === '' || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    throw new ValueError(
      `“${String(value)}” value has an invalid format. It must be in HH:MM[:ss[.uuuuuu]] format.`,
    )
  }
  const clock = `${hour.padStart(2, '0')}:${minute}:${second}`
  return Number(fraction) === 0 ? clock : `${clock}.${fraction.padEnd(6, '0')}`
}

/** What a moment's `__time` is. No column has it. */
export const timeOfDay: FieldKind = {
  name: 'TimeField',
  family: 'opaque',
  prepare: prepareTime,
  codecs: {
    sqlite: { columnType: () => 'time' },
    postgresql: { columnType: () => 'time', decode: (raw: SqlValue) => prepareTime(raw) },
  },
}

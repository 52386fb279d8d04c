import { kinds } from '../fields/kinds.ts'
import { timeOfDay } from '../fields/time-of-day.ts'
import type { OutputType } from './bound.ts'

/** The types of values that no column has. */
export const integer: OutputType = { kind: kinds.int, options: {} }
/** A number of the program's: exact in the database, whatever stands beside it, and a number again when it is read. */
export const wholeNumber: OutputType = {
  kind: {
    ...kinds.bigInt,
    name: 'Integer',
    codecs: {
      sqlite: {
        columnType: kinds.bigInt.codecs.sqlite.columnType,
        encode: kinds.bigInt.codecs.sqlite.encode,
      },
      postgresql: { ...kinds.bigInt.codecs.postgresql, decode: Number },
    },
  },
  options: {},
}
export const float: OutputType = { kind: kinds.float, options: {} }
export const text: OutputType = { kind: kinds.text, options: {} }
export const boolean: OutputType = { kind: kinds.bool, options: {} }
export const dateTime: OutputType = { kind: kinds.dateTime, options: {} }
export const date: OutputType = { kind: kinds.date, options: {} }
export const time: OutputType = { kind: timeOfDay, options: {} }

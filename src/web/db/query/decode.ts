import type { SqlValue, Vendor } from '../fields/field.ts'
import type { OutputType } from './bound.ts'

/** Null: the value passes as it is. */
export type Decoder = ((raw: SqlValue) => unknown) | null

/** How to read `output`'s values; `exact` says that every integer of the row comes as bigint. */
export function decoderOf(output: OutputType, vendor: Vendor, exact: boolean): Decoder {
  const codec = output.kind.codecs[vendor]
  const { decode } = codec
  const { options } = output
  if (decode !== undefined) {
    return exact && codec.exactInteger !== true && vendor === 'sqlite'
      ? (raw) => decode(typeof raw === 'bigint' ? Number(raw) : raw, options)
      : (raw) => decode(raw, options)
  }
  return exact && output.kind.family === 'number'
    ? (raw) => (typeof raw === 'bigint' ? Number(raw) : raw)
    : null
}

export const isExact = (output: OutputType, vendor: Vendor): boolean =>
  output.kind.codecs[vendor].exactInteger === true

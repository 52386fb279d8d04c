/** Alerts that are sent where the TLS library has not seen a byte: a record of its own (RFC 8446 section 6). */
const ALERTS = { internal_error: 80, unrecognized_name: 112 } as const

export type AlertName = keyof typeof ALERTS

/** A fatal alert; the version in the record is the oldest, as that of the client's first record may be. */
export function alertRecord(name: AlertName): Buffer {
  return Buffer.from([21, 3, 1, 0, 2, 2, ALERTS[name]])
}

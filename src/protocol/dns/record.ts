/** Numbers of the Domain Name System (RFC 1035 sections 2.3.4, 3.2 and 4.1.1; RFC 3596; RFC 2782). */

export const TYPE_A = 1
export const TYPE_CNAME = 5
export const TYPE_AAAA = 28
export const TYPE_SRV = 33

/** What is asked for. */
export type RecordType = typeof TYPE_A | typeof TYPE_AAAA | typeof TYPE_SRV

export const CLASS_IN = 1
export const MAX_LABEL_BYTES = 63
export const MAX_NAME_BYTES = 255

export const RCODE_FORMAT_ERROR = 1
export const RCODE_NAME_ERROR = 3

export interface ServiceRecord {
  readonly priority: number
  readonly weight: number
  readonly port: number
  readonly target: string
}

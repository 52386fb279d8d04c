/** What cannot be asked, and answers that are none. */
const TABLE = {
  DNS_NAME: 'no domain name',
  DNS_SHORT: 'the message ends in the middle',
  DNS_POINTER: 'a compressed name that leads nowhere',
  DNS_NO_RESPONSE: 'the message is no response to one question',
} as const

export type DnsErrorCode = keyof typeof TABLE

export class DnsError extends Error {
  override readonly name = 'DnsError'
  readonly code: DnsErrorCode

  constructor(code: DnsErrorCode, detail?: string) {
    super(detail === undefined ? TABLE[code] : `${TABLE[code]}: "${detail}"`)
    this.code = code
  }
}

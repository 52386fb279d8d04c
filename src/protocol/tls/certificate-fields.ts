/** What of a certificate's own bytes (RFC 5280 section 4.1) the runtime's class for certificates does not give as it stands. */
import { derItems } from '../../util/der.ts'

export interface CertificateFields {
  /** Hexadecimal, two upper-case digits per byte, without the byte that only says that it is not negative. */
  readonly serial: string
  /** DER with its outer tag. */
  readonly issuer: Uint8Array
  readonly subject: Uint8Array
}

const EMPTY = new Uint8Array(0)
const TAG_VERSION = 0xa0

/** `certificate` is DER. Fields of what is no certificate are empty. */
export function certificateFields(certificate: Uint8Array): CertificateFields {
  const [outer] = derItems(certificate)
  const [signed] = derItems(outer?.content ?? EMPTY)
  const items = derItems(signed?.content ?? EMPTY)
  const first = items[0]?.tag === TAG_VERSION ? 1 : 0
  return {
    serial: serialText(items[first]?.content ?? EMPTY),
    issuer: items[first + 2]?.whole ?? EMPTY,
    subject: items[first + 4]?.whole ?? EMPTY,
  }
}

function serialText(content: Uint8Array): string {
  const bytes = content.length > 1 && content[0] === 0 ? content.subarray(1) : content
  return Buffer.from(bytes).toString('hex').toUpperCase()
}

/**
 * What OpenSSL's serialised session (SSL_SESSION_ASN1) says that the runtime does not: the id, and the group that keys
 * were agreed in.
 */
import { derItems } from '../../util/der.ts'

export interface SessionFields {
  readonly id: Uint8Array
  /** Code point of the key exchange group; 0 where the session does not say. */
  readonly group: number
}

const EMPTY = new Uint8Array(0)
/** Place of the id among the items: version, protocol, cipher, id. */
const ID_INDEX = 3
/** `kex_group`: explicit tag 19. */
const TAG_GROUP = 0xa0 | 19

export function sessionFields(session: Uint8Array): SessionFields {
  const [outer] = derItems(session)
  const items = derItems(outer?.content ?? EMPTY)
  const tagged = items.find(({ tag }) => tag === TAG_GROUP)
  let group = 0
  for (const byte of derItems(tagged?.content ?? EMPTY)[0]?.content ?? EMPTY) group = group * 256 + byte
  return { id: items[ID_INDEX]?.content ?? EMPTY, group }
}

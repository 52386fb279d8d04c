/** Questions to a name server: one name, one type (RFC 1035 section 4.1). */
import { DnsError } from './dns-error.ts'
import { CLASS_IN, MAX_LABEL_BYTES, MAX_NAME_BYTES, type RecordType } from './record.ts'

const HEADER_BYTES = 12
/** RD: the server is to ask others for us. */
const RECURSION_DESIRED = 0x0100

/**
 * `name` is ASCII without the root's dot.
 *
 * @throws DnsError DNS_NAME for an empty or too long label or name.
 */
export function encodeQuery(id: number, name: string, type: RecordType): Buffer {
  const labels = name.split('.')
  const nameBytes = labels.reduce((total, label) => total + label.length + 1, 1)
  if (nameBytes > MAX_NAME_BYTES) throw new DnsError('DNS_NAME', name)
  const query = Buffer.alloc(HEADER_BYTES + nameBytes + 4)
  query.writeUInt16BE(id, 0)
  query.writeUInt16BE(RECURSION_DESIRED, 2)
  query.writeUInt16BE(1, 4)
  let at = HEADER_BYTES
  for (const label of labels) {
    if (label === '' || label.length > MAX_LABEL_BYTES) throw new DnsError('DNS_NAME', name)
    query[at] = label.length
    at += 1 + query.write(label, at + 1, 'latin1')
  }
  query.writeUInt16BE(type, at + 1)
  query.writeUInt16BE(CLASS_IN, at + 3)
  return query
}

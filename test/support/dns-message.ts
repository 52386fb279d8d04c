/** Answers of a name server, as bytes. */

export interface AnswerRecord {
  readonly owner?: string
  readonly type: number
  readonly klass?: number
  readonly ttl?: number
  readonly data: Buffer
}

export interface AnswerParts {
  readonly rcode?: number
  readonly truncated?: boolean
  readonly records?: readonly AnswerRecord[]
}

export function nameBytes(name: string): Buffer {
  const labels = name === '' ? [] : name.split('.')
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ])
}

const words = (...values: readonly number[]): Buffer =>
  Buffer.concat(values.map((value) => Buffer.from([value >>> 8, value & 255])))

/** To a question as `encodeQuery` makes it; the owner of a record without one is a pointer to the question. */
export function answerTo(query: Buffer, { rcode = 0, truncated = false, records = [] }: AnswerParts): Buffer {
  const flags = 0x8180 | rcode | (truncated ? 0x0200 : 0)
  const head = Buffer.concat([query.subarray(0, 2), words(flags, 1, records.length, 0, 0)])
  const answers = records.map(({ owner, type, klass = 1, ttl = 60, data }) => {
    const life = Buffer.alloc(4)
    life.writeUInt32BE(ttl)
    const name = owner === undefined ? words(0xc00c) : nameBytes(owner)
    return Buffer.concat([name, words(type, klass), life, words(data.length), data])
  })
  return Buffer.concat([head, query.subarray(12), ...answers])
}

export const a = (address: string, ttl?: number): AnswerRecord => ({
  type: 1,
  data: Buffer.from(address.split('.').map(Number)),
  ...(ttl !== undefined && { ttl }),
})

/** `hex`: 32 digits. */
export const aaaa = (hex: string, ttl?: number): AnswerRecord => ({
  type: 28,
  data: Buffer.from(hex, 'hex'),
  ...(ttl !== undefined && { ttl }),
})

export const cname = (target: string, ttl?: number): AnswerRecord => ({
  type: 5,
  data: nameBytes(target),
  ...(ttl !== undefined && { ttl }),
})

export const srv = (
  target: string,
  {
    priority = 1,
    weight = 1,
    port = 80,
    ttl = 60,
  }: Partial<Record<'priority' | 'weight' | 'port' | 'ttl', number>>,
): AnswerRecord => ({
  type: 33,
  ttl,
  data: Buffer.concat([words(priority, weight, port), nameBytes(target)]),
})

/** What a question asks. */
export function questionOf(query: Buffer): { readonly name: string; readonly type: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1) }
}

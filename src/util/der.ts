/** Reads DER (X.690): tag, length, content. Of what stands there nothing is believed: a length past the end ends it. */
export interface DerItem {
  readonly tag: number
  readonly content: Uint8Array
  /** With tag and length. */
  readonly whole: Uint8Array
}

/** The items that stand one after the other; those after a malformed one are left out. */
export function derItems(bytes: Uint8Array): DerItem[] {
  const items: DerItem[] = []
  for (let at = 0; at < bytes.length;) {
    const item = derItem(bytes, at)
    if (!item) break
    items.push(item)
    at += item.whole.length
  }
  return items
}

function derItem(bytes: Uint8Array, at: number): DerItem | undefined {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) return undefined
  let start = at + 2
  let length = first
  if (first & 0x80) {
    const width = first & 0x7f
    if (width === 0 || width > 4) return undefined
    length = 0
    for (const byte of bytes.subarray(start, start + width)) length = length * 256 + byte
    start += width
  }
  const end = start + length
  return end > bytes.length
    ? undefined
    : { tag, content: bytes.subarray(start, end), whole: bytes.subarray(at, end) }
}

/** `2.5.4.3` */
export function derObjectId(content: Uint8Array): string {
  const numbers: number[] = []
  let value = 0
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f)
    if (byte & 0x80) continue
    if (numbers.length === 0) {
      const top = Math.min(2, Math.floor(value / 40))
      numbers.push(top, value - top * 40)
    } else numbers.push(value)
    value = 0
  }
  return numbers.join('.')
}

/** Values by ranges of IPv4 addresses; a range added later takes its part out of earlier ones. */
interface Range<V> {
  readonly from: number
  readonly to: number
  readonly value: V
}

export class RangeMap<V> {
  /** Sorted, not overlapping. */
  #ranges: Range<V>[] = []

  /** False when the range ends before it begins. */
  set(from: Uint8Array, to: Uint8Array, value: V): boolean {
    const range = { from: numberOf(from), to: numberOf(to), value }
    if (range.to < range.from) return false
    const kept = this.#ranges.flatMap((old) => without(old, range))
    kept.push(range)
    this.#ranges = kept.sort((a, b) => a.from - b.from)
    return true
  }

  /** Whether exactly this range was there. */
  delete(from: Uint8Array, to: Uint8Array): boolean {
    const index = this.#ranges.findIndex(
      (range) => range.from === numberOf(from) && range.to === numberOf(to),
    )
    if (index >= 0) this.#ranges.splice(index, 1)
    return index >= 0
  }

  find(address: Uint8Array): V | undefined {
    if (address.length !== 4) return undefined
    const number = numberOf(address)
    let low = 0
    let high = this.#ranges.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const range = this.#ranges[middle] as Range<V>
      if (number < range.from) high = middle - 1
      else if (number > range.to) low = middle + 1
      else return range.value
    }
    return undefined
  }
}

function without<V>(old: Range<V>, taken: Range<V>): Range<V>[] {
  if (taken.to < old.from || taken.from > old.to) return [old]
  const parts: Range<V>[] = []
  if (old.from < taken.from) parts.push({ ...old, to: taken.from - 1 })
  if (old.to > taken.to) parts.push({ ...old, from: taken.to + 1 })
  return parts
}

function numberOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0)
}

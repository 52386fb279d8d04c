/** Python's `items[start:stop:step]`; any of the three may be missing. The step must not be zero. */
export function slice<T>(items: readonly T[], start?: number, stop?: number, step = 1): T[] {
  const length = items.length
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1]
  const bound = (index: number | undefined, fallback: number): number => {
    if (index === undefined) return fallback
    return index < 0 ? Math.max(low, index + length) : Math.min(high, index)
  }
  const from = bound(start, step > 0 ? low : high)
  const to = bound(stop, step > 0 ? high : low)
  if (step === 1) return items.slice(from, Math.max(from, to))
  const picked: T[] = []
  for (let i = from; step > 0 ? i < to : i > to; i += step) {
    const item = items[i]
    if (item !== undefined || i in items) picked.push(item as T)
  }
  return picked
}

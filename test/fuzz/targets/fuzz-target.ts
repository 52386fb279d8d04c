/** One thing that takes bytes from outside, with what has to hold whatever they are. */
export interface FuzzTarget {
  readonly name: string
  /** Latin-1 inputs to begin with: sound ones, and ones that were wrong once. */
  readonly seeds: readonly string[]
  /** Words that mutations put in. */
  readonly words?: readonly string[]
  /** @throws for a finding: what is the target's own way to refuse is caught inside. */
  readonly run: (bytes: Buffer) => void | Promise<void>
}

/** Cuts in two to four pieces at places that the bytes decide: the same input is always cut the same. */
export function pieces(bytes: Buffer): Buffer[] {
  let hash = bytes.length
  for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) >>> 0
  const cut: Buffer[] = []
  let from = 0
  for (let part = 0; part < 3 && from < bytes.length; part += 1) {
    hash = (Math.imul(hash, 1_103_515_245) + 12_345) >>> 0
    const size = (hash >>> 8) % (bytes.length - from + 1)
    if (size > 0) cut.push(Buffer.from(bytes.subarray(from, from + size)))
    from += size
  }
  if (from < bytes.length) cut.push(Buffer.from(bytes.subarray(from)))
  return cut
}

/** Whether it threw an error of one of these classes; any other escapes. */
export function refuses(
  run: () => void,
  ...expected: readonly (abstract new (...args: never[]) => Error)[]
): boolean {
  try {
    run()
    return false
  } catch (error) {
    if (expected.some((kind) => error instanceof kind)) return true
    throw error
  }
}

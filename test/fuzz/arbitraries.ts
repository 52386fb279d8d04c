/** What the fuzz tests of the wire formats have in common. */
import fc from 'fast-check'

/** Text of Latin-1 code points, mostly short, sometimes past one octet of length. */
export const latin1 = (maxLength = 300): fc.Arbitrary<string> =>
  fc
    .oneof(
      { weight: 9, arbitrary: fc.uint8Array({ maxLength: 20 }) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength }) },
    )
    .map((octets) => Buffer.from(octets).toString('latin1'))

/** A flat list of names and values; the names are not empty. */
export const params: fc.Arbitrary<string[]> = fc
  .array(fc.tuple(fc.string({ unit: fc.constantFrom(...'ABC_'), minLength: 1, maxLength: 140 }), latin1()), {
    maxLength: 30,
  })
  .map((pairs) => pairs.flat())

/** Places to cut `length` bytes at. */
export function cuts(bytes: Buffer, seeds: readonly number[]): Buffer[] {
  const places = [...new Set(seeds.map((seed) => seed % (bytes.length + 1)))].sort((a, b) => a - b)
  const chunks: Buffer[] = []
  let from = 0
  for (const place of [...places, bytes.length]) {
    if (place > from) chunks.push(bytes.subarray(from, place))
    from = Math.max(from, place)
  }
  return chunks
}

export const cutSeeds = fc.array(fc.nat(), { maxLength: 12 })

/** Each run of the suite tries other inputs; a failure prints the seed that repeats it. */
export const RUNS = 400

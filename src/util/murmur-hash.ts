/** MurmurHash2, 32 bits, seed 0: what decides who gets which variant, so that it is nginx's very function. */
const M = 0x5bd1e995

export function murmurHash2(bytes: Uint8Array): number {
  let hash = bytes.length
  let at = 0
  for (; bytes.length - at >= 4; at += 4) {
    let k = word(bytes, at)
    k = Math.imul(k, M)
    k ^= k >>> 24
    k = Math.imul(k, M)
    hash = Math.imul(hash, M) ^ k
  }
  const rest = bytes.length - at
  if (rest > 0) {
    for (let index = rest - 1; index >= 0; index -= 1) hash ^= (bytes[at + index] ?? 0) << (8 * index)
    hash = Math.imul(hash, M)
  }
  hash ^= hash >>> 13
  hash = Math.imul(hash, M)
  return (hash ^ (hash >>> 15)) >>> 0
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  )
}

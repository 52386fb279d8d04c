/** The ways in which bytes are fed to a decoder: a case has to give the same in each of them. */

export interface Feed {
  readonly name: string
  readonly chunks: Buffer[]
}

const ALL_CUTS_UP_TO = 400

/** Whole, byte by byte, in threes, and cut in two at every position (at some positions, when there are many). */
export function feeds(bytes: Buffer): Feed[] {
  const step = Math.max(1, Math.ceil(bytes.length / ALL_CUTS_UP_TO))
  const result = [
    { name: 'whole', chunks: [bytes] },
    { name: 'byte by byte', chunks: pieces(bytes, 1) },
    { name: 'three bytes at a time', chunks: pieces(bytes, 3) },
  ]
  for (let cut = 1; cut < bytes.length; cut += step) {
    result.push({ name: `cut at ${cut}`, chunks: [bytes.subarray(0, cut), bytes.subarray(cut)] })
  }
  return result
}

export function pieces(bytes: Buffer, size: number): Buffer[] {
  const result: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) result.push(bytes.subarray(at, at + size))
  return result
}

export interface Decoder<Event> {
  receive(bytes: Buffer): void
  next(): Event | undefined
}

/**
 * Feeds the chunks and collects what comes: each event as `show` has it, and last `throws CODE` if the decoder did.
 * Every chunk is a copy that is overwritten as soon as the decoder has asked for more, as a static read buffer is.
 */
export function collect<Event>(
  decoder: Decoder<Event>,
  chunks: readonly Buffer[],
  show: (event: Event) => string,
): string[] {
  const seen: string[] = []
  try {
    for (const chunk of chunks) {
      const memory = Buffer.from(chunk)
      decoder.receive(memory)
      for (let event = decoder.next(); event !== undefined; event = decoder.next()) seen.push(show(event))
      memory.fill(0xee)
    }
  } catch (error) {
    seen.push(`throws ${codeOf(error)}`)
  }
  return seen
}

export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  throw error
}

/** Joins neighbours that are pieces of one stream: `stdin 1 ab`, `stdin 1 c` become `stdin 1 abc`. */
export function joinPieces(seen: readonly string[], prefixes: RegExp): string[] {
  const joined: string[] = []
  for (const line of seen) {
    const prefix = prefixes.exec(line)?.[0]
    const last = joined.at(-1)
    if (prefix !== undefined && last?.startsWith(prefix) === true) {
      joined[joined.length - 1] = last + line.slice(prefix.length)
    } else {
      joined.push(line)
    }
  }
  return joined
}

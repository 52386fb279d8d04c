import { streamPieces } from '../../gateway/stream-pieces.ts'

/** Takes the chunks of a body one by one, whoever makes them. */
export type ChunkSteps<T> = AsyncIterator<T, unknown> | Iterator<T, unknown>

export function stepsOf<T>(source: Iterable<T> | AsyncIterable<T>): ChunkSteps<T> {
  if (source instanceof ReadableStream) return streamPieces(source as ReadableStream<T>)
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
}

export const ended = { done: true, value: undefined } as const

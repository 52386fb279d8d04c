/** As a stream's own iterator, but that its `return` waits for the piece under way, which may never come. */
export function streamPieces<T>(stream: ReadableStream<T>): AsyncIterableIterator<T, undefined> {
  const reader = stream.getReader()
  const pieces: AsyncIterableIterator<T, undefined> = {
    next: async () => {
      const step = await reader.read()
      return step.done ? { done: true, value: undefined } : step
    },
    return: async () => {
      await reader.cancel()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]: () => pieces,
  }
  return pieces
}

/** What came is no frame of ours: the connection cannot be read any further. */
export class FrameError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'FrameError'
  }
}

/** An entry module that cannot be served. The message says where and what to write instead. */
export class EntryError extends Error {
  /** `place` is `file` or `file:line`; `stack`, if any, is the module's own, short. */
  constructor(place: string, message: string, stack = '') {
    super(`${place}: ${message}`)
    this.name = 'EntryError'
    // Where this was thrown helps nobody; where the module failed does.
    this.stack = stack === '' ? this.message : `${this.message}\n${stack}`
  }
}

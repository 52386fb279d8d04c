/**
 * Loaded before every process of a server under test (`NODE_OPTIONS=--import`): the time of day is off by so many
 * seconds as a file says, whose path is the query of this module's URL; the monotonic clock stays.
 *
 * libfaketime moves it below the runtime, but has its processes share a semaphore, which one that is killed in it never
 * gives back: those that start later wait for ever.
 */
import { readFileSync } from 'node:fs'

const LOOK_MS = 500
const path = decodeURIComponent(new URL(import.meta.url).search.slice(1))
const realNow = Date.now
let offsetMs = 0

function look(): void {
  try {
    offsetMs = Number(readFileSync(path, 'latin1')) * 1000
  } catch {
    // no descriptor, or the file is gone: as it was
  }
}

if (path !== '') {
  Date.now = () => realNow() + offsetMs
  globalThis.Date = new Proxy(Date, {
    apply: (real) => new real(Date.now()).toString(),
    construct: (real, args: [], type) =>
      Reflect.construct(real, args.length === 0 ? [Date.now()] : args, type) as Date,
  })
  look()
  setInterval(look, LOOK_MS).unref()
}

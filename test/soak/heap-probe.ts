/**
 * Loaded before every process of a server under test (`NODE_OPTIONS=--import`): tells how much data its heap holds after
 * a full collection, over and over, in a file of its own, and writes a snapshot where one is asked for.
 *
 * The folder is the query of this module's URL: `PID` takes lines of four numbers, milliseconds of the machine's
 * monotonic clock, bytes in the heap and outside it, and those that the young generation has had at the most; `PID.ask`
 * asks for `PID.heapsnapshot`.
 */
import { appendFileSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { getHeapSpaceStatistics, setFlagsFromString, writeHeapSnapshot } from 'node:v8'
import { runInNewContext } from 'node:vm'

const INTERVAL_MS = 5000
const folder = decodeURIComponent(new URL(import.meta.url).search.slice(1))

function collector(): () => void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new Error('no collection can be forced')
  return () => void Reflect.apply(collect, undefined, [])
}

/**
 * Without the spaces of compiled code: a function that has run a few hundred times is compiled again, so that a master
 * gets a few KiB of it with each reload for the first hour, while not one object more is alive.
 */
function dataBytes(): number {
  return getHeapSpaceStatistics().reduce(
    (sum, { space_name: name, space_used_size: used }) => (/code|trusted/.test(name) ? sum : sum + used),
    0,
  )
}

let mostYoungBytes = 0

/** Where it shrinks, V8 keeps its pages for the next time. */
function youngBytes(): number {
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')
  mostYoungBytes = Math.max(mostYoungBytes, young?.space_size ?? 0)
  return mostYoungBytes
}

function watch(path: string): void {
  const collect = collector()
  const look = (): void => {
    try {
      const young = youngBytes()
      collect()
      const { external } = process.memoryUsage()
      appendFileSync(path, `${process.hrtime.bigint() / 1_000_000n} ${dataBytes()} ${external} ${young}\n`)
      if (existsSync(`${path}.ask`)) {
        writeHeapSnapshot(`${path}.heapsnapshot`)
        rmSync(`${path}.ask`)
      }
    } catch {
      // no descriptor, or the folder is gone: it says nothing this time
    }
  }
  setInterval(look, INTERVAL_MS).unref()
}

if (folder !== '') watch(join(folder, String(process.pid)))

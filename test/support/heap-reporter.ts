/** Preloaded into a program under test: on USR2 it writes what is live on its heap. Wants `--expose-gc`. */
import { queryObjects } from 'node:v8'
import { isMainThread, Worker } from 'node:worker_threads'

/** `heap 14506393 bytes, 2 threads` */
async function report(): Promise<void> {
  // what a collection lets go may be finished, and then collected, by a later turn
  for (let turn = 0; turn < 3; turn += 1) {
    globalThis.gc?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const threads = String(queryObjects(Worker))
  process.stdout.write(`heap ${process.memoryUsage().heapUsed} bytes, ${threads} threads\n`)
}

if (isMainThread) process.on('SIGUSR2', () => void report())

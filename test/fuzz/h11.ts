/** Against Python's h11 (package python3-h11): a request that both read is the same one. By hand only. */
import fc from 'fast-check'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { bytesOf, decodeRequests, STRICT } from '../protocol/http1/feed.ts'
import { connections } from './http1-requests.ts'
import { Mutator } from './mutator.ts'
import { http1Request } from './targets/http1.ts'

type PeerRequest = readonly [method: string, target: string, body: string]

interface PeerReading {
  readonly requests: readonly PeerRequest[]
  readonly error: string | null
}

const SCRIPT = fileURLToPath(new URL('h11-peer.py', import.meta.url))

/** How many differ: read otherwise, or taken under strict rules and refused by h11. */
export function compareWithH11(total: number, seed: number): number {
  const inputs = new Mutator(http1Request, seed)
  const half = Math.ceil(total / 2)
  const texts = fc.sample(connections, { numRuns: half, seed })
  for (let index = 0; index < half; index += 1) texts.push(inputs.next().toString('latin1'))
  const readings = ask(texts)
  let [both, failed] = [0, 0]
  for (const [index, text] of texts.entries()) {
    const theirs = readings[index]
    if (theirs === undefined) throw new Error('h11 answered less than it was asked')
    const ours = served(text)
    const common = Math.min(ours.length, theirs.requests.length)
    both += common
    const isSame = JSON.stringify(ours.slice(0, common)) === JSON.stringify(theirs.requests.slice(0, common))
    if (isSame && ours.length <= theirs.requests.length) continue
    failed += 1
    console.log(`${JSON.stringify(text)}\n  ours ${JSON.stringify(ours)}\n  h11 ${JSON.stringify(theirs)}`)
  }
  console.log(`h11: ${texts.length} connections, ${both} requests that both read, ${failed} findings`)
  return failed
}

function ask(texts: readonly string[]): PeerReading[] {
  const input = texts.map((text) => `${JSON.stringify(text)}\n`).join('')
  const { stdout, stderr, status } = spawnSync('/usr/bin/python3', [SCRIPT], { input, encoding: 'utf8', maxBuffer: 2 ** 30 }) // prettier-ignore
  if (status !== 0) throw new Error(`h11 could not be asked: ${stderr}`)
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as PeerReading)
}

/** Whole requests up to the one that ends the connection or leaves HTTP. */
function served(text: string): PeerRequest[] {
  const whole = decodeRequests([bytesOf(text)], STRICT).requests.filter(({ complete }) => complete)
  const last = whole.findIndex(({ keepAlive, method }) => !keepAlive || method === 'CONNECT')
  return (last < 0 ? whole : whole.slice(0, last + 1)).map(({ method, target, body }) => [
    method,
    target,
    body,
  ])
}

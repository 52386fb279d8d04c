/**
 * Against the runtime's llhttp: what both take is the same request, and where one refuses, the reason is one of those
 * below. A request that only one of two parsers sees is how requests are smuggled, so the list is to stay explained.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connections } from '../../fuzz/http1-requests.ts'
import type { Exchange, Outcome } from './feed.ts'
import { bytesOf, decodeRequests, LIMITS } from './feed.ts'
import type { NodePeer } from './node-peer.ts'
import { startNode } from './node-peer.ts'

/** Names are nobody's business here: llhttp has no rule about underscores. */
const RULES = { ...LIMITS, underscores: true, ignoreInvalid: false }

/** Codes with which we refuse what llhttp takes. */
const WE_REFUSE = new Map<string, string>([
  ['missing_host', 'node:http answers 400 itself, outside of the parser'],
  ['duplicate_header', 'two Hosts, Content-Lengths, Transfer-Encodings'],
  ['invalid_host', 'it does not look at the value'],
  ['transfer_encoding_http10', 'RFC 9112 section 6.1: a fault, and how requests are smuggled'],
  ['unknown_transfer_encoding', 'it takes any list that ends in chunked'],
  ['unknown_expectation', 'left to the application there'],
  ['invalid_version', 'it takes HTTP/2.0 in a request line'],
  ['invalid_09_method', 'it takes a request line without version'],
  ['invalid_request', 'targets that have none of the four forms'],
  ['invalid_target_host', 'targets that have none of the four forms'],
  ['invalid_content_length', 'TAB around the digits'],
  ['invalid_header', 'a trailer line of another shape'],
  ['invalid_chunked_body', 'a `;` without an extension'],
  ['forbidden_trailer', 'it takes any trailer'],
])

/** llhttp's codes for what we take, and what the input must have for it. */
const LLHTTP_REFUSES = new Map<string, { why: string; has: RegExp }>([
  ['HPE_INVALID_METHOD', { why: 'it has a list of methods', has: /G-T|A{30}|[A-Z_-]/ }],
  ['HPE_INVALID_URL', { why: 'octets from 0x80 on', has: /[\x80-\xff]/ }],
  [
    'HPE_INVALID_VERSION',
    { why: 'bare LF, blanks, a minor version other than 0 and 1', has: /[^\r]\n|HTTP\/1\.2| [ \r\n]|PRI / },
  ],
  ['HPE_INVALID_CONSTANT', { why: 'HTTP/0.9 with a blank, several blanks', has: / [ \r\n]/ }],
  ['HPE_CR_EXPECTED', { why: 'bare LF', has: /[^\r]\n/ }],
  ['HPE_LF_EXPECTED', { why: 'bare LF', has: /[^\r]\n/ }],
  ['HPE_INVALID_HEADER_TOKEN', { why: 'bare LF, a line without colon', has: /[^\r]\n|\n[^:\n]+\n/ }],
])

let node: NodePeer
beforeAll(async () => {
  node = await startNode()
})
afterAll(() => node.stop())

test('the same requests, or a reason', async () => {
  let both = 0
  await fc.assert(
    fc.asyncProperty(connections, async (text) => {
      const bytes = bytesOf(text)
      const ours = served(decodeRequests([bytes], RULES))
      // llhttp wants fields behind HTTP/0.9 too, and the runtime gives a tunnel out before what stands in front of it
      if (ours.requests.some((request) => request.version === 9) || text.includes('CONNECT')) return
      const theirs = await node.ask(bytes)
      const common = Math.min(ours.requests.length, theirs.requests.length)
      both += common
      expect(ours.requests.slice(0, common).map(comparable)).toEqual(theirs.requests.slice(0, common))
      if (ours.requests.length < theirs.requests.length) {
        expect([...WE_REFUSE.keys()]).toContain(ours.error)
      } else if (ours.requests.length > theirs.requests.length) {
        expect([...LLHTTP_REFUSES.keys()]).toContain(theirs.error)
        expect(text).toMatch(LLHTTP_REFUSES.get(theirs.error ?? '')?.has ?? '')
      }
    }),
    // the same ones each time: the reasons above were found with many more
    { numRuns: Number(process.env['RUNS'] ?? 5000), ...(process.env['RUNS'] ? {} : { seed: 20_261_121 }) },
  )
  // most are refused by both; these were compared
  expect(both).toBeGreaterThan(300)
}, 60_000)

/** What a server would see: it stops at the request that ends the connection, and sees no body that is cut. */
function served(outcome: Outcome): Outcome {
  const last = outcome.requests.findIndex((request) => !request.keepAlive)
  const requests = outcome.requests.slice(0, last < 0 ? undefined : last + 1)
  const complete = requests.filter((request) => request.complete)
  return { ...outcome, requests: complete }
}

function comparable(request: Exchange) {
  const { method, target, version, headers, body } = request
  return { method, target, version: { 9: '0.9', 10: '1.0', 11: '1.1' }[version], headers, body }
}

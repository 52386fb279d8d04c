/** Holds what was behind the front against what the reference parser reads in the same bytes. */
import { isDeepStrictEqual } from 'node:util'
import { readAnswers, type HttpAnswer } from '../../support/http-answers.ts'
import {
  AS_NGINX,
  readRequests,
  STRICT,
  type ReferenceReading,
  type ReferenceRequest,
} from './reference-parser.ts'
import { decodeSeen, expectedEnviron, expectedForwarded, type Seen } from './seen.ts'
import type { Behind, FramingTiers, Rules } from './tiers.ts'

/** Behind what should be whole: whoever swallows it has read the length of a body wrongly. */
const SENTINEL = 'GET /sentinel HTTP/1.1\r\nHost: sentinel\r\nConnection: close\r\n\r\n'

export interface AgreementCount {
  /** Requests that reached who is behind, the sentinels left out. */
  accepted: number
  refused: number
}

export interface Conversation {
  readonly rules: Rules
  readonly behind: Behind
  /** Latin-1. */
  readonly bytes: string
  /** Sizes of the pieces, used in turn; none: all at once. */
  readonly sizes: readonly number[]
}

/** Undefined when they agree, else what differs. */
export async function disagreement(
  tiers: FramingTiers,
  { rules, behind, bytes, sizes }: Conversation,
  count: AgreementCount,
): Promise<string | undefined> {
  const leniences = rules === 'strict' ? STRICT : AS_NGINX
  const isWhole = readRequests(bytes, leniences).end === 'done'
  const sent = isWhole ? bytes + SENTINEL : bytes
  const reading = readRequests(sent, leniences)
  const text = await tiers.converse(rules, behind, pieces(sent, sizes), (answered) =>
    hasAnswers(answered, reading),
  )
  const judged = judge(text, reading, behind)
  if (typeof judged === 'string') {
    return `${rules} ${behind}: ${judged}\nsent ${JSON.stringify(sent)}\nread ${JSON.stringify(reading)}\ngot ${JSON.stringify(text)}`
  }
  count.accepted += judged.accepted - (isWhole && judged.accepted === reading.requests.length ? 1 : 0)
  count.refused += judged.refused
  return undefined
}

function pieces(text: string, sizes: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text, 'latin1')
  if (sizes.length === 0) return [bytes]
  const all: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    // a few pieces from the front; what is left goes at once
    const size = all.length < 8 ? (sizes[all.length % sizes.length] ?? 1) : bytes.length
    all.push(bytes.subarray(at, at + size))
    at += size
  }
  return all
}

/** Whether all whole requests were answered; an answer that is not whole yet is none. */
function hasAnswers(text: string, reading: ReferenceReading): boolean {
  if (reading.requests.length === 0) return true
  if (headed(reading) < reading.requests.length) return false // the front closes behind an answer without a head
  try {
    return finalAnswers(text, reading).length >= reading.requests.length
  } catch {
    return false
  }
}

function judge(text: string, reading: ReferenceReading, behind: Behind): AgreementCount | string {
  const { requests } = reading
  const count = { accepted: 0, refused: 0 }
  let answers: HttpAnswer[]
  try {
    answers = finalAnswers(text, reading)
  } catch (error) {
    return `unreadable answer: ${String(error)}`
  }
  for (const [index, answer] of answers.entries()) {
    const seen = answer.headers.get('x-seen')
    if (seen === undefined) {
      count.refused += 1
      continue
    }
    const request = requests[index]
    if (request === undefined) return `accepted request ${index + 1}, which the reference refuses`
    const fault = compare(decodeSeen(seen), request, behind)
    if (fault !== undefined) return `request ${index + 1}: ${fault}`
    count.accepted += 1
  }
  const missing = headed(reading) - answers.length
  const closes = answers.at(-1)?.headers.get('connection') === 'close'
  return missing > 0 && !closes ? `${missing} requests without an answer` : count
}

/** Requests whose answer has a head: one to HTTP/0.9, the last on its connection, has none. */
function headed({ requests }: ReferenceReading): number {
  return requests.filter(({ version }) => version !== 'HTTP/0.9').length
}

function finalAnswers(text: string, reading: ReferenceReading): HttpAnswer[] {
  const most = headed(reading) < reading.requests.length ? headed(reading) : Infinity
  const methods = reading.requests.map(({ method }) => method)
  if (reading.endsInHead) methods.push('HEAD')
  return readAnswers(text, methods, most).filter(({ status }) => status >= 200)
}

function compare(seen: Seen, request: ReferenceRequest, behind: Behind): string | undefined {
  const expected = behind === 'upstream' ? expectedForwarded(request) : expectedEnviron(request)
  const target = originForm(request.target)
  if (isDeepStrictEqual(seen, { ...expected, target })) return undefined
  return `behind the front ${JSON.stringify(seen)} was seen instead of ${JSON.stringify({ ...expected, target })}`
}

/** RFC 9112 section 3.2.2: the authority of an absolute form is for the front. */
function originForm(target: string): string {
  const [, rest] = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?]*(.*)$/.exec(target) ?? []
  if (rest === undefined) return target
  return rest.startsWith('/') ? rest : `/${rest}`
}

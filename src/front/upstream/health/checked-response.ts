/** Whether a response passes the tests of a `match` block; without one 2xx and 3xx do. */
import type { Value } from '../../value.ts'
import type { Request } from '../../request.ts'
import type { UpstreamHead } from '../exchange.ts'
import type { ResponseTest } from './match-block.ts'

/** Of the body no more is looked at (nginx: 256k). */
export const MAX_CHECKED_BYTES = 256 * 1024

export interface ResponseTests {
  readonly tests: readonly Exclude<ResponseTest, { kind: 'require' }>[]
  readonly required: readonly Value[]
}

/** What failed, in words for the log; undefined where all is well. `body` is Latin-1. */
export function faultOf(
  match: ResponseTests | undefined,
  head: UpstreamHead,
  body: string,
  request: Request,
): string | undefined {
  if (!match) return head.status >= 200 && head.status < 400 ? undefined : 'status code'
  for (const test of match.tests) if (!passes(test, head, body)) return WHAT[test.kind]
  const lacking = match.required.some((value) => {
    const text = value.evaluate(request)
    return text === '' || text === '0'
  })
  return lacking ? 'required variables' : undefined
}

const WHAT = { status: 'status code', header: 'headers', body: 'body' } as const

function passes(
  test: ResponseTests['tests'][number],
  { status, headers }: UpstreamHead,
  body: string,
): boolean {
  switch (test.kind) {
    case 'status':
      return test.ranges.some(([from, to]) => status >= from && status <= to) !== test.not
    case 'body':
      return test.value.holds(body) !== test.value.not
    case 'header': {
      const { name, not, value } = test
      if (!value) return headers.has(name) !== not
      return headers.all(name).some((text) => value.holds(text) !== value.not)
    }
  }
}

export function wantsBody(match: ResponseTests | undefined): boolean {
  return match?.tests.some(({ kind }) => kind === 'body') ?? false
}

/** Rows that say which clients get coded responses: for codings on the way and for files that are coded already. */
import type { AnyDirective, Context, ListDirective } from '../config/directive.ts'
import { Pcre } from '../config/pcre.ts'
import { choiceRow, choicesRow, flagRow } from '../config/rows.ts'
import type { Scope } from '../config/scope.ts'
import type { CodingConditions } from './gzip-acceptance.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']

export const gzipVary = flagRow({
  name: 'gzip_vary',
  contexts: CONTEXTS,
  default: false,
  doc: 'Whether coded responses say that they depend on Accept-Encoding.',
})
const httpVersion = choiceRow(
  {
    name: 'gzip_http_version',
    contexts: CONTEXTS,
    default: '1.1',
    doc: 'Lowest version of requests that get coded answers.',
  },
  ['1.0', '1.1'],
)
const proxied = choicesRow(
  {
    name: 'gzip_proxied',
    contexts: CONTEXTS,
    default: new Set(['off'] as const),
    doc: 'Which responses to requests of proxies (Via) are coded.',
  },
  ['off', 'expired', 'no-cache', 'no-store', 'private', 'no_last_modified', 'no_etag', 'auth', 'any'],
)
const disable: ListDirective<readonly Pcre[]> = {
  kind: 'list',
  name: 'gzip_disable',
  contexts: CONTEXTS,
  args: { min: 1 },
  syntax: 'regex ...',
  doc: 'User agents that get no coded answers.',
  parse: (args) =>
    args.map(({ text }) => new Pcre(text === 'msie6' ? 'MSIE [4-6]\\.' : text, { caseless: true })),
}

export function codingConditions(scope: Scope): CodingConditions {
  return {
    httpVersion: scope.get(httpVersion) === '1.0' ? 10 : 11,
    proxied: scope.get(proxied),
    disabled: scope.list(disable).flat(),
  }
}

export const conditionRows: readonly AnyDirective[] = [gzipVary, httpVersion, proxied, disable]

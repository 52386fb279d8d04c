/**
 * Rows of what nginx has and this server has not: modules whose absence changes no answer's access are checked and
 * named in the warning at start; what a conf relies on to answer at all stops the start. A table.
 */
import { readMilliseconds, readNumber, readSize, readText } from '../config/arguments.ts'
import type { AnyDirective, BlockDirective, Context, Directive, ListDirective } from '../config/directive.ts'
import { choicesRow, flagRow, valueRow, type ValueSpec } from '../config/rows.ts'

const HTTP: readonly Context[] = ['http', 'server', 'location']
const SERVER: readonly Context[] = ['http', 'server']
const ONLY_HTTP: readonly Context[] = ['http']
const CONTENT: readonly Context[] = ['location', 'location if']

const HTTP2 = 'clients are answered with HTTP/1.1'
const MEMCACHED = 'there is no memcached_pass'

function spec<V>(name: string, contexts: readonly Context[], value: V, noEffect: string): ValueSpec<V> {
  return { name, contexts, default: value, defaultText: '', doc: `Of nginx: ${noEffect}.`, noEffect }
}

const size = (name: string, contexts: readonly Context[], why: string): AnyDirective =>
  valueRow(spec(name, contexts, 0, why), 'size', readSize)
const time = (name: string, contexts: readonly Context[], why: string): AnyDirective =>
  valueRow(spec(name, contexts, 0, why), 'time', readMilliseconds)
const number = (name: string, contexts: readonly Context[], why: string): AnyDirective =>
  valueRow(spec(name, contexts, 0, why), 'number', readNumber())
const flag = (name: string, contexts: readonly Context[], why: string): AnyDirective =>
  flagRow(spec(name, contexts, false, why))
const text = (name: string, contexts: readonly Context[], why: string): AnyDirective =>
  valueRow(spec(name, contexts, '', why), 'string', readText)

/** Its argument may be right: the server cannot do what it asks, and would answer something else instead. */
function refused(name: string, contexts: readonly Context[], what: string): Directive<undefined> {
  return {
    kind: 'single',
    name,
    contexts,
    args: 1,
    syntax: 'value',
    default: undefined,
    doc: `Not there: ${what}. A conf with it is refused.`,
    parse: (_args, at) => at.fail(`"${name}" is not implemented by this server: ${what}`),
  }
}

function refusedBlock(name: string, what: string): BlockDirective<undefined> {
  return {
    kind: 'block',
    name,
    contexts: ['main'],
    args: 0,
    syntax: '{ ... }',
    doc: `Not there: ${what}. A conf with it is refused.`,
    opens: 'http',
    parse: (_args, at) => at.fail(`"${name}" is not implemented by this server: ${what}`),
  }
}

/** What a module of nginx brings is built in, or its directives are unknown: each of them says so where it stands. */
const loadModule: ListDirective<string> = {
  kind: 'list',
  name: 'load_module',
  contexts: ['main'],
  args: 1,
  syntax: 'file',
  doc: 'Of nginx: all modules are built in. A directive that none of them has is unknown.',
  noEffect: 'all modules are built in',
  parse: ([file]) => file?.text ?? '',
}

export const absentDirectives: readonly AnyDirective[] = [
  refusedBlock('stream', 'it serves HTTP only'),
  refusedBlock('mail', 'it serves HTTP only'),
  loadModule,
  refused('memcached_pass', CONTENT, 'it does not speak the protocol of memcached'),
  refused('perl', CONTENT, 'it runs no Perl'),
  size('http2_body_preread_size', SERVER, HTTP2),
  size('http2_chunk_size', HTTP, HTTP2),
  number('http2_max_concurrent_streams', SERVER, HTTP2),
  number('http2_max_concurrent_pushes', SERVER, HTTP2),
  number('http2_max_requests', SERVER, HTTP2),
  size('http2_max_field_size', SERVER, HTTP2),
  size('http2_max_header_size', SERVER, HTTP2),
  size('http2_recv_buffer_size', ONLY_HTTP, HTTP2),
  time('http2_recv_timeout', SERVER, HTTP2),
  time('http2_idle_timeout', SERVER, HTTP2),
  text('http2_push', HTTP, HTTP2),
  flag('http2_push_preload', HTTP, HTTP2),
  number('memcached_gzip_flag', HTTP, MEMCACHED),
  choicesRow(spec('memcached_next_upstream', HTTP, new Set(['error'] as const), MEMCACHED), [
    'error',
    'timeout',
    'invalid_response',
    'not_found',
    'off',
  ]),
  number('memcached_next_upstream_tries', HTTP, MEMCACHED),
  time('memcached_next_upstream_timeout', HTTP, MEMCACHED),
  time('memcached_connect_timeout', HTTP, MEMCACHED),
  time('memcached_send_timeout', HTTP, MEMCACHED),
  time('memcached_read_timeout', HTTP, MEMCACHED),
  size('memcached_buffer_size', HTTP, MEMCACHED),
]

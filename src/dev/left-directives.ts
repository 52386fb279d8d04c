/**
 * Directives that `portico dev` leaves to the front, with the reason that is said at start. A name that ends with `*`
 * stands for all that begin so. A table.
 */
import type { Statement } from '../config/ast.ts'

export const LEFT: readonly (readonly [reason: string, names: readonly string[]])[] = [
  [
    'one process serves, as who started it',
    ['worker_*', 'user', 'daemon', 'master_process', 'pid', 'accept_mutex*', 'multi_accept', 'use', 'zone'],
  ],
  [
    'each application has one thread, without limits',
    [
      'workers',
      'max_requests',
      'max_lifetime',
      'reload_on_rss',
      'concurrency',
      'queue',
      'harakiri',
      'heartbeat',
      'boot_timeout',
      'umask',
    ],
  ],
  ['lines go to the terminal', ['access_log', 'error_log', 'log_format', 'open_log_file_cache']],
  ['TLS is not spoken; the address speaks plain HTTP', ['ssl_*']],
  [
    'node:http reads requests and keeps connections',
    [
      'keepalive_*',
      'client_header_*',
      'large_client_header_buffers',
      'lingering_*',
      'send_timeout',
      'reset_timedout_connection',
      'postpone_output',
      'tcp_*',
      'send_lowat',
    ],
  ],
  [
    'serve-static sends files',
    [
      'sendfile*',
      'aio*',
      'directio*',
      'output_buffers',
      'read_ahead',
      'open_file_cache*',
      'etag',
      'if_modified_since',
      'max_ranges',
    ],
  ],
  [
    'http-proxy asks upstreams',
    [
      'proxy_buffer*',
      'proxy_busy_buffers_size',
      'proxy_max_temp_file_size',
      'proxy_temp_*',
      'proxy_cache*',
      'proxy_next_upstream*',
      'proxy_request_buffering',
      'proxy_http_version',
      'proxy_socket_keepalive',
      'proxy_bind',
      'proxy_ssl_*',
      'proxy_limit_rate',
      'proxy_force_ranges',
      'proxy_send_timeout',
      'proxy_connect_timeout',
      'proxy_ignore_client_abort',
      'proxy_pass_trailers',
      'early_hints',
      'keepalive',
      'health_check*',
    ],
  ],
]

export interface LeftDirectives {
  readonly reason: string
  /** In the order of the alphabet. */
  readonly names: readonly string[]
}

/** Those of a conf. */
export function leftDirectives(statements: readonly Statement[]): LeftDirectives[] {
  const used = new Set(namesOf(statements))
  return LEFT.flatMap(([reason, patterns]) => {
    const names = [...used].filter((name) => patterns.some((pattern) => matches(pattern, name))).sort()
    return names.length === 0 ? [] : [{ reason, names }]
  })
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}

function* namesOf(statements: readonly Statement[]): Generator<string> {
  for (const { name, block } of statements) {
    yield name
    if (block) yield* namesOf(block)
  }
}

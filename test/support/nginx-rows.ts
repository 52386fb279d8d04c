/** A small table of directives with nginx's names, contexts and shapes, for comparing the binder with nginx itself. */
import { readText } from '../../src/config/arguments.ts'
import { ConfigError } from '../../src/config/config-error.ts'
import { DirectiveTable } from '../../src/config/directive-table.ts'
import type {
  AnyDirective,
  Arity,
  BlockDirective,
  Context,
  ListDirective,
} from '../../src/config/directive.ts'
import { Pcre } from '../../src/config/pcre.ts'
import {
  buffersRow,
  choiceRow,
  choicesRow,
  complexPathRow,
  flagRow,
  keyValueRow,
  listRow,
  millisecondsRow,
  numberRow,
  offsetRow,
  secondsRow,
  sizeRow,
  textRow,
  valueRow,
} from '../../src/config/rows.ts'

const HTTP: readonly Context[] = ['http', 'server', 'location']

const at = (
  name: string,
  contexts: readonly Context[],
): { name: string; contexts: readonly Context[]; doc: string } => ({
  name,
  contexts,
  doc: 'As in nginx.',
})

function block(
  name: string,
  contexts: readonly Context[],
  opens: Context,
  args: Arity,
  more: Partial<BlockDirective<readonly string[]>> = {},
): BlockDirective<readonly string[]> {
  const parse: BlockDirective<readonly string[]>['parse'] = (words) => words.map((word) => word.text)
  return { kind: 'block', ...at(name, contexts), opens, args, syntax: '{ ... }', parse, ...more }
}

function words(name: string, contexts: readonly Context[], args: Arity): ListDirective<readonly string[]> {
  return {
    kind: 'list',
    ...at(name, contexts),
    args,
    syntax: '...',
    parse: (list) => list.map((word) => word.text),
  }
}

const location = block('location', ['server', 'location'], 'location', [1, 2], {
  parse: (list, context) => {
    const [modifier = '', pattern] = list.map((word) => word.text)
    if (pattern === undefined) return [modifier]
    if (!['=', '^~', '~', '~*'].includes(modifier)) context.fail(`invalid location modifier "${modifier}"`)
    if (modifier.startsWith('~')) new Pcre(pattern, { caseless: modifier === '~*' })
    return [modifier, pattern]
  },
})

const types = {
  ...textRow({ ...at('types', HTTP), default: '' }),
  args: 0,
  entries: true as const,
  merge: (earlier: string, later: string) => earlier + later,
}

const map: ListDirective<readonly string[]> = {
  ...words('map', ['http'], 2),
  entries: true,
  parse: (list, context) => {
    for (const entry of context.statement.block ?? []) {
      const alone = entry.name === 'hostnames' || entry.name === 'volatile'
      if (entry.args.length !== 1 && !(alone && entry.args.length === 0)) {
        context.fail('invalid number of the map parameters', entry)
      }
    }
    return list.map((word) => word.text)
  },
}

export const NGINX_ROWS: readonly AnyDirective[] = [
  block('events', ['main'], 'events', 0, { once: true }),
  block('http', ['main'], 'http', 0, { once: true }),
  block('server', ['http'], 'server', 0),
  block('upstream', ['http'], 'upstream', 1),
  block('limit_except', ['location'], 'limit_except', { min: 1 }),
  location,
  types,
  map,
  flagRow({ ...at('daemon', ['main']), default: true }),
  textRow({ ...at('pid', ['main']), default: '' }),
  numberRow({ ...at('worker_rlimit_nofile', ['main']), default: 0 }),
  listRow(at('env', ['main']), 'variable', readText),
  flagRow({ ...at('multi_accept', ['events']), default: false }),
  numberRow({ ...at('worker_connections', ['events']), default: 512 }),
  words('server', ['upstream'], { min: 1 }),
  words('server_name', ['server'], { min: 1 }),
  words('listen', ['server'], { min: 1 }),
  words('index', HTTP, { min: 1 }),
  words('try_files', ['server', 'location'], { min: 2 }),
  words('access_log', [...HTTP, 'location if', 'limit_except'], { min: 1 }),
  words('internal', ['location'], 0),
  words('deny', [...HTTP, 'limit_except'], 1),
  valueRow({ ...at('client_body_temp_path', HTTP), default: '' }, 'path', readText, [1, 2, 3, 4]),
  valueRow({ ...at('proxy_temp_path', HTTP), default: '' }, 'path', readText, [1, 2, 3, 4]),
  valueRow({ ...at('fastcgi_temp_path', HTTP), default: '' }, 'path', readText, [1, 2, 3, 4]),
  valueRow({ ...at('uwsgi_temp_path', HTTP), default: '' }, 'path', readText, [1, 2, 3, 4]),
  valueRow({ ...at('scgi_temp_path', HTTP), default: '' }, 'path', readText, [1, 2, 3, 4]),
  complexPathRow({ ...at('root', [...HTTP, 'location if']), default: undefined }, 'prefix'),
  textRow({ ...at('default_type', HTTP), default: 'text/plain' }),
  flagRow({ ...at('sendfile', [...HTTP, 'location if']), default: false }),
  flagRow({ ...at('tcp_nodelay', HTTP), default: true }),
  numberRow({ ...at('keepalive_requests', HTTP), default: 1000 }),
  numberRow({ ...at('gzip_comp_level', HTTP), default: 1 }, { min: 1, max: 9 }),
  numberRow({ ...at('variables_hash_max_size', ['http']), default: 1024 }),
  sizeRow({ ...at('client_body_buffer_size', HTTP), default: 16384 }),
  sizeRow({ ...at('client_header_buffer_size', ['http', 'server']), default: 1024 }),
  offsetRow({ ...at('client_max_body_size', HTTP), default: 1048576 }),
  millisecondsRow({ ...at('client_body_timeout', HTTP), default: 60000 }),
  millisecondsRow({ ...at('proxy_connect_timeout', HTTP), default: 60000 }),
  secondsRow({ ...at('open_file_cache_valid', HTTP), default: 60 }),
  choiceRow({ ...at('lingering_close', HTTP), default: 'on' }, ['off', 'on', 'always']),
  choiceRow({ ...at('if_modified_since', HTTP), default: 'exact' }, ['off', 'exact', 'before']),
  choicesRow({ ...at('proxy_next_upstream', HTTP), default: new Set(['error'] as const) }, [
    ...(['error', 'timeout', 'invalid_header', 'http_500', 'http_502', 'off'] as const),
  ]),
  buffersRow({ ...at('proxy_buffers', HTTP), default: { count: 8, size: 4096 } }),
  buffersRow({ ...at('large_client_header_buffers', ['http', 'server']), default: { count: 4, size: 8192 } }),
  keyValueRow(at('proxy_set_header', HTTP)),
  { ...keyValueRow(at('add_header', [...HTTP, 'location if'])), args: [2, 3] },
]

export const NGINX_TABLE = new DirectiveTable(NGINX_ROWS)

/** nginx's line for whatever `run` throws as ConfigError; undefined when it throws nothing. */
export function refusalOf(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof ConfigError) return error.toString()
    throw error
  }
}

/**
 * Rows of nginx's directives that a conf may hold although they do nothing here: parsed, checked, and named in one
 * warning at start. None of them guards access. A table.
 */
import { readNumber, readOffset, readSize, readText } from '../config/arguments.ts'
import type { AnyDirective, Context } from '../config/directive.ts'
import { buffersRow, flagRow, valueRow } from '../config/rows.ts'

const HTTP: readonly Context[] = ['http', 'server', 'location']
const HTTP_IF: readonly Context[] = ['http', 'server', 'location', 'location if']
const SERVER: readonly Context[] = ['http', 'server']
const ONLY_HTTP: readonly Context[] = ['http']

const KERNEL = 'the runtime decides how bytes reach the socket'
const TABLES = 'tables size themselves'
const MEMORY = 'the runtime manages memory'

function size(name: string, contexts: readonly Context[], doc: string, noEffect: string): AnyDirective {
  return valueRow({ name, contexts, default: 0, defaultText: '', doc, noEffect }, 'size', readSize)
}

function number(name: string, contexts: readonly Context[], doc: string, noEffect: string): AnyDirective {
  return valueRow({ name, contexts, default: 0, defaultText: '', doc, noEffect }, 'number', readNumber())
}

function flag(
  name: string,
  contexts: readonly Context[],
  initial: boolean,
  doc: string,
  noEffect: string,
): AnyDirective {
  return flagRow({ name, contexts, default: initial, doc, noEffect })
}

export const acceptedDirectives: readonly AnyDirective[] = [
  flag('sendfile', HTTP_IF, false, 'Zero-copy sending.', KERNEL),
  flag('tcp_nopush', HTTP, false, 'Full packets.', KERNEL),
  flag('tcp_nodelay', HTTP, true, 'No delay of small packets; always on.', 'it is always on'),
  size('sendfile_max_chunk', HTTP, 'Most bytes of one sendfile call.', KERNEL),
  valueRow(
    {
      name: 'send_lowat',
      contexts: HTTP,
      default: 0,
      defaultText: '0',
      doc: 'Low-water mark of the send buffer. Linux has none, and nginx there says so as we do.',
    },
    'size',
    (text, at) => {
      const bytes = readSize(text, at)
      at.warn('"send_lowat" is not supported, ignored')
      return bytes
    },
  ),
  size('postpone_output', HTTP, 'Bytes to gather before sending.', KERNEL),
  size('read_ahead', HTTP, 'Read-ahead of the kernel.', KERNEL),
  size('directio_alignment', HTTP, 'Alignment of direct reads.', KERNEL),
  flag('aio_write', HTTP, false, 'Asynchronous writing of temporary files.', 'it is always asynchronous'),
  valueRow(
    {
      name: 'aio',
      contexts: HTTP,
      default: 'off',
      defaultText: 'off',
      doc: 'Asynchronous reading of files.',
      noEffect: 'large files are always read asynchronously',
    },
    'on | off | threads[=pool]',
    (text, at) => (/^(on|off|threads(=.+)?)$/.test(text) ? text : at.fail('"aio" directive invalid value')),
  ),
  valueRow(
    {
      name: 'directio',
      contexts: HTTP,
      default: 0,
      defaultText: 'off',
      doc: 'Reads past the page cache.',
      noEffect: KERNEL,
    },
    'size | off',
    (text, at) => (text === 'off' ? 0 : readOffset(text, at)),
  ),
  buffersRow({
    name: 'output_buffers',
    contexts: HTTP,
    default: { count: 2, size: 32_768 },
    doc: 'Buffers for reading a file.',
    noEffect: MEMORY,
  }),
  size('connection_pool_size', SERVER, 'Memory pool of a connection.', MEMORY),
  size('request_pool_size', SERVER, 'Memory pool of a request.', MEMORY),
  flag(
    'client_body_in_single_buffer',
    HTTP,
    false,
    'Keeps the body in one piece.',
    '$request_body is whole without it',
  ),
  number('types_hash_max_size', HTTP, 'Hash table size.', TABLES),
  number('types_hash_bucket_size', HTTP, 'Hash table size.', TABLES),
  number('server_names_hash_max_size', ONLY_HTTP, 'Hash table size.', TABLES),
  number('server_names_hash_bucket_size', ONLY_HTTP, 'Hash table size.', TABLES),
  number('variables_hash_max_size', ONLY_HTTP, 'Hash table size.', TABLES),
  number('variables_hash_bucket_size', ONLY_HTTP, 'Hash table size.', TABLES),
  number('map_hash_max_size', ONLY_HTTP, 'Hash table size.', TABLES),
  number('map_hash_bucket_size', ONLY_HTTP, 'Hash table size.', TABLES),
  number('referer_hash_max_size', ['server', 'location'], 'Hash table size.', TABLES),
  number('referer_hash_bucket_size', ['server', 'location'], 'Hash table size.', TABLES),
  flag('msie_padding', HTTP, true, 'Pads error pages for an old browser.', 'no such browser is left'),
  flag('msie_refresh', HTTP, false, 'Redirects an old browser by a page.', 'no such browser is left'),
  {
    kind: 'single',
    name: 'post_action',
    contexts: HTTP_IF,
    args: 1,
    syntax: 'uri | off',
    default: undefined,
    doc: 'A further request after each one; never documented by nginx.',
    noEffect: 'it is not implemented',
    parse: ([word], at) => void readText(word?.text ?? '', at),
  },
]

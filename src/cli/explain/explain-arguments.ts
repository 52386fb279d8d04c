/** `portico explain [options] [METHOD] URL` */
import { parseArgs } from 'node:util'
import { UsageError } from '../arguments.ts'

export interface ExplainTarget {
  readonly method: string
  /** For scheme, host and port. */
  readonly url: URL
  /** Path and query as they were written: nothing is normalised before the server does it. */
  readonly path: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Address of the client. */
  readonly from: string
  /** Key of the listening address, where the URL alone does not say it. */
  readonly listen: string | undefined
}

export interface ExplainArguments {
  readonly help: boolean
  readonly json: boolean
  readonly prefix: string | undefined
  readonly conf: string | undefined
  readonly directives: string
  /** Absent with `help`. */
  readonly target: ExplainTarget | undefined
}

export const EXPLAIN_USAGE = `Usage: portico explain [-p prefix] [-c filename] [-g directives] [options] [METHOD] URL

Prints which server and location answer a request and why no other does, each rewrite and file that is looked
for, what an upstream would be sent, and the head of the response. Nothing is listened on and no upstream is asked.

Options:
  -H 'Name: value' : a field of the request, may be repeated
  --from ADDRESS   : the client's address (default: 127.0.0.1)
  --listen ADDRESS : the listening address, as in "listen" (default: by the URL's port)
  --json           : the same as a JSON document
`

/** A URL without a scheme, or only a path, is taken as of http://localhost. @throws UsageError */
export function parseExplainArguments(argv: readonly string[]): ExplainArguments {
  const { values, positionals } = parse(argv)
  const common = {
    json: values.json ?? false,
    prefix: values.p,
    conf: values.c,
    directives: values.g ?? '',
  }
  if (values.help) return { ...common, help: true, target: undefined }
  const [first, second, ...more] = positionals
  if (first === undefined || more.length > 0) throw new UsageError('explain takes [METHOD] URL')
  const target: ExplainTarget = {
    method: second === undefined ? 'GET' : first,
    ...parseUrl(second ?? first),
    headers: (values.H ?? []).map(parseField),
    from: values.from ?? '127.0.0.1',
    listen: values.listen,
  }
  return { ...common, help: false, target }
}

function parse(argv: readonly string[]): ReturnType<typeof parseWords> {
  try {
    return parseWords(argv)
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function parseWords(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      H: { type: 'string', short: 'H', multiple: true },
      p: { type: 'string', short: 'p' },
      c: { type: 'string', short: 'c' },
      g: { type: 'string', short: 'g' },
      from: { type: 'string' },
      listen: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
}

function parseUrl(text: string): Pick<ExplainTarget, 'url' | 'path'> {
  const whole = text.startsWith('/')
    ? `http://localhost${text}`
    : /^https?:\/\//.test(text)
      ? text
      : `http://${text}`
  const [, origin = '', path = ''] = /^(https?:\/\/[^/?#]*)([^#]*)/.exec(whole) ?? []
  if (!URL.canParse(origin) || /[\s\x00-\x1f]/.test(path)) throw new UsageError(`invalid URL "${text}"`)
  return { url: new URL(origin), path: path.startsWith('/') ? path : `/${path}` }
}

function parseField(text: string): readonly [string, string] {
  const colon = text.indexOf(':')
  if (colon < 1) throw new UsageError(`invalid field "${text}", it is 'Name: value'`)
  return [text.slice(0, colon), text.slice(colon + 1).trim()]
}

/** `portico explain [options] [METHOD] URL` */
import { parseArgs } from 'node:util'
import { UsageError } from '../arguments.ts'
import { COMMANDS } from '../help/command-table.ts'

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

/** A URL without a scheme, or only a path, is taken as of http://localhost. @throws UsageError */
export function parseExplainArguments(argv: readonly string[]): ExplainArguments {
  const { values, positionals } = parse(argv)
  const common = {
    json: values.json ?? false,
    prefix: values.prefix,
    conf: values.conf,
    directives: values.directives ?? '',
  }
  if (values.help) return { ...common, help: true, target: undefined }
  const [first, second, ...more] = positionals
  if (first === undefined || more.length > 0) throw new UsageError('explain takes [METHOD] URL')
  const target: ExplainTarget = {
    method: second === undefined ? 'GET' : first,
    ...parseUrl(second ?? first),
    headers: (values.header ?? []).map(parseField),
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
    options: COMMANDS.explain.options,
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

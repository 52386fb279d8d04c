/** `charset`: names the charset of responses and recodes them (nginx charset module; a body filter). */
import { parseComplexValue, type ComplexValue } from '../../../config/complex-value.ts'
import type { Context, Directive } from '../../../config/directive.ts'
import { flagRow } from '../../../config/rows.ts'
import type { Scope } from '../../../config/scope.ts'
import type { CompileContext, FrontModule } from '../../front-module.ts'
import { loseLength } from '../../representation.ts'
import type { Request } from '../../request.ts'
import type { BodySink, MakeSink } from '../../response-output.ts'
import { isOfTypes, plainType, typesRow } from '../../types-row.ts'
import type { Value } from '../../value.ts'
import { CharsetMaps, charsetMap, isSameCharset } from './charset-maps.ts'
import type { Recoding } from './recoding.ts'

const IN_IF: readonly Context[] = ['http', 'server', 'location', 'location if']

function nameRow(name: string, doc: string): Directive<ComplexValue | undefined> {
  return {
    kind: 'single',
    name,
    contexts: IN_IF,
    args: 1,
    syntax: 'charset | $variable | off',
    default: undefined,
    defaultText: 'off',
    doc,
    parse: ([word]) => {
      const text = word?.text ?? ''
      if (text === 'off' && name === 'charset') return undefined
      // only a whole variable is one: `$` elsewhere is part of a name
      return text.startsWith('$') ? parseComplexValue(text) : { source: text, parts: [], constant: text }
    },
  }
}

const charset = nameRow('charset', 'Charset that responses are in, named in Content-Type.')
const sourceCharset = nameRow(
  'source_charset',
  'Charset that responses were written in; where it is another, they are recoded by a charset_map.',
)
const overrideCharset = flagRow({
  name: 'override_charset',
  contexts: IN_IF,
  default: false,
  doc: 'Whether the charset that an application names is replaced too.',
})
const types = typesRow({
  name: 'charset_types',
  contexts: ['http', 'server', 'location'],
  doc: 'Types of responses that have a charset, besides these.',
  initial: [
    'text/html', 'text/xml', 'text/plain', 'text/vnd.wap.wml', 'application/javascript', 'application/rss+xml',
  ], // prettier-ignore
})

class RecodingSink implements BodySink {
  readonly #recode: (chunk: Buffer) => Buffer
  readonly #next: BodySink

  constructor(recoding: Recoding, next: BodySink) {
    this.#recode = recoding.begin()
    this.#next = next
  }

  write(chunk: Buffer, last: boolean): boolean {
    const out = this.#recode(chunk)
    return out.length === 0 && !last ? true : this.#next.write(out, last)
  }
}

/** Charsets and tables of a conf. */
interface Known {
  readonly names: Set<string>
  readonly maps: CharsetMaps
}

const known = new WeakMap<CompileContext, Known>()

function isKnown({ names }: Known, name: string): boolean {
  return names.has(name.toLowerCase())
}

/** Every charset that the conf names; a pair that would have to be recoded has a table. */
function declare(http: Scope, context: CompileContext): undefined {
  const names = new Set<string>()
  const maps = new CharsetMaps()
  const visit = (scope: Scope): void => {
    for (const { directive, value, scope: inner, statement } of scope.bound) {
      if (directive === charset || directive === sourceCharset) {
        const { constant } = (value as ComplexValue | undefined) ?? {}
        if (constant !== undefined) names.add(constant.toLowerCase())
      } else if (directive === charsetMap) {
        const map = value as Parameters<CharsetMaps['add']>[0]
        names.add(map.from.toLowerCase()).add(map.to.toLowerCase())
        maps.add(map, statement)
      }
      if (inner) visit(inner)
    }
  }
  visit(http)
  known.set(context, { names, maps })
  return undefined
}

interface Settings {
  readonly charset: Value | undefined
  readonly source: Value | undefined
  readonly overrides: boolean
  readonly types: ReadonlySet<string>
}

function logFault(request: Request, message: string): undefined {
  request.location.settings.errorLog.request('error', request, message)
  return undefined
}

/** What the response shall be in; undefined to leave it alone. */
function destination(request: Request, settings: Settings, all: Known): string | undefined {
  const { overrideCharset: forced } = request
  if (forced !== undefined && forced !== '') {
    return isKnown(all, forced) ? forced : logFault(request, `unknown charset "${forced}" to override`)
  }
  if (!settings.charset) return undefined
  if (request.declaredCharset !== '') {
    if (!settings.overrides) return undefined
  } else if (!isOfTypes(request, settings.types)) return undefined
  return settings.charset.constant ?? settings.charset.evaluate(request)
}

/** Of what goes into a page: that of the page. */
function pageCharset(request: Request): string | undefined {
  let main = request
  while (main.parent) main = main.parent
  const name = main.charset ?? main.declaredCharset
  return name === '' ? undefined : name
}

/** Only the page itself names it; redirects do not. */
function nameCharset(request: Request, name: string): void {
  if (request.parent || request.status === 301 || request.status === 302) return
  request.contentType = plainType(request)
  request.charset = name
}

function filterResponse(request: Request, settings: Settings, all: Known): MakeSink | undefined {
  if (request.contentType === undefined || request.contentType === '') return undefined
  const to = request.parent ? pageCharset(request) : destination(request, settings, all)
  if (to === undefined) return undefined
  const from = request.declaredCharset || (settings.source?.constant ?? settings.source?.evaluate(request))
  if (from === undefined || isSameCharset(from, to)) {
    nameCharset(request, to)
    return undefined
  }
  if (isKnown(all, from) && isKnown(all, to) && request.contentEncoding) return undefined
  const recoding = all.maps.find(from, to)
  if (!recoding) return logFault(request, `no "charset_map" between the charsets "${from}" and "${to}"`)
  nameCharset(request, to)
  if (recoding.changesLength && !request.parent) loseLength(request)
  return (next) => new RecodingSink(recoding, next)
}

function valueOf(
  scope: Scope,
  context: CompileContext,
  row: Directive<ComplexValue | undefined>,
): Value | undefined {
  const bound = scope.find(row)
  const value = scope.get(row)
  return bound && value && context.value(value, bound.statement)
}

export const charsetModule: FrontModule = {
  name: 'charset',
  directives: [charset, sourceCharset, overrideCharset, types, charsetMap],
  declare,
  filter: (scope, context) => {
    const all = known.get(context)
    const settings: Settings = {
      charset: valueOf(scope, context, charset),
      source: valueOf(scope, context, sourceCharset),
      overrides: scope.get(overrideCharset),
      types: scope.get(types),
    }
    // without tables there is nothing to do for what others include or applications order
    if (!all || (!settings.charset && all.maps.empty)) return undefined
    const { constant: to } = settings.charset ?? {}
    const { constant: from } = settings.source ?? {}
    if (to !== undefined && from !== undefined && !isSameCharset(to, from) && !all.maps.find(from, to))
      context.fail(`no "charset_map" between the charsets "${from}" and "${to}"`, NOWHERE)
    return (request) => filterResponse(request, settings, all)
  },
}

const NOWHERE = { name: 'charset', args: [], file: '', line: 0 }

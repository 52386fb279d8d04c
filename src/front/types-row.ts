/** `*_types`: which content types a filter is for. */
import type { Context, Directive } from '../config/directive.ts'
import type { Request } from './request.ts'

export interface TypesSpec {
  readonly name: string
  readonly contexts: readonly Context[]
  readonly doc: string
  /** When none are named; of them only `text/html` stays where some are. */
  readonly initial?: readonly string[]
}

const HTML = 'text/html'
const ALL: ReadonlySet<string> = new Set(['*'])

export function typesRow({
  name,
  contexts,
  doc,
  initial = [HTML],
}: TypesSpec): Directive<ReadonlySet<string>> {
  return {
    kind: 'single',
    name,
    contexts,
    args: { min: 1 },
    syntax: 'mime-type ...',
    default: new Set(initial),
    defaultText: initial.join(' '),
    doc,
    parse: (args, at) => {
      const types = new Set([HTML])
      for (const { text } of args) {
        if (text === '*') return ALL
        const type = text.toLowerCase()
        if (types.has(type)) at.warn(`duplicate MIME type "${text}"`)
        types.add(type)
      }
      return types
    },
    merge: (earlier, later, at) => {
      if (earlier === ALL || later === ALL) return ALL
      for (const type of later)
        if (type !== HTML && earlier.has(type)) at.warn(`duplicate MIME type "${type}"`)
      return new Set([...earlier, ...later])
    },
  }
}

/** Of the type as the response has it, but for its charset. */
export function isOfTypes(request: Request, types: ReadonlySet<string>): boolean {
  if (types === ALL) return true
  return types.has(plainType(request).toLowerCase())
}

const CHARSET = /;[ ]*charset=("?)([^]*?)"?$/i

/** '' where a Content-Type names none. */
export function charsetOf(contentType: string): string {
  return CHARSET.exec(contentType)?.[2] ?? ''
}

/** Without a charset that an application declared; everything else is part of the type (nginx). */
export function plainType({ contentType, declaredCharset }: Request): string {
  if (contentType === undefined || declaredCharset === '') return contentType ?? ''
  const at = CHARSET.exec(contentType)
  return at ? contentType.slice(0, at.index) : contentType
}

/** `*_types`: which content types a filter is for. */
import type { Context, Directive } from '../config/directive.ts'
import type { Request } from './request.ts'

export interface TypesSpec {
  readonly name: string
  readonly contexts: readonly Context[]
  readonly doc: string
  /** Always among them. */
  readonly always?: readonly string[]
}

const HTML: readonly string[] = ['text/html']
const ALL: ReadonlySet<string> = new Set(['*'])

export function typesRow({ name, contexts, doc, always = HTML }: TypesSpec): Directive<ReadonlySet<string>> {
  return {
    kind: 'single',
    name,
    contexts,
    args: { min: 1 },
    syntax: 'mime-type ...',
    default: new Set(always),
    defaultText: always.join(' '),
    doc,
    parse: (args, at) => {
      const types = new Set(always)
      for (const { text } of args) {
        if (text === '*') return ALL
        const type = text.toLowerCase()
        if (types.has(type)) at.warn(`duplicate MIME type "${text}"`)
        types.add(type)
      }
      return types
    },
    merge: (earlier, later) =>
      earlier === ALL ? ALL : later === ALL ? ALL : new Set([...earlier, ...later]),
  }
}

/** Of the type as the response has it, but for its charset. */
export function isOfTypes(request: Request, types: ReadonlySet<string>): boolean {
  if (types === ALL) return true
  const { contentType } = request
  return contentType !== undefined && types.has(plainType(contentType).toLowerCase())
}

const CHARSET = /;[ ]*charset=/i

/** Without a charset and what follows it; other parameters stay part of the type (nginx). */
export function plainType(contentType: string): string {
  const semicolon = contentType.indexOf(';')
  if (semicolon < 0) return contentType
  const at = CHARSET.exec(contentType)
  return at ? contentType.slice(0, at.index) : contentType
}

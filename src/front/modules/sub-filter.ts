/** `sub_filter`: replaces strings in responses (nginx sub module; a body filter). */
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { Context, ListDirective } from '../../config/directive.ts'
import { flagRow } from '../../config/rows.ts'
import type { FrontModule } from '../front-module.ts'
import { loseLength, weakenIdentity } from '../representation.ts'
import type { Request } from '../request.ts'
import type { BodySink } from '../response-output.ts'
import { SubstringReplacer, type Replacement } from '../substring-replacer.ts'
import { isOfTypes, typesRow } from '../types-row.ts'
import type { Value } from '../value.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']
const MAX_PATTERNS = 255

interface Pair {
  readonly pattern: ComplexValue
  readonly value: ComplexValue
}

const subFilter: ListDirective<Pair> = {
  kind: 'list',
  name: 'sub_filter',
  contexts: CONTEXTS,
  args: 2,
  syntax: 'string replacement',
  doc: 'A string that is looked for, without regard to case, and what stands in its place; both may hold variables.',
  parse: ([pattern, value], at) => {
    if (!pattern || pattern.text === '') return at.fail('empty search pattern')
    return {
      pattern: parseComplexValue(pattern.text.toLowerCase()),
      value: parseComplexValue(value?.text ?? ''),
    }
  },
}
const once = flagRow({
  name: 'sub_filter_once',
  contexts: CONTEXTS,
  default: true,
  doc: 'Whether each string is replaced only where it occurs first.',
})
const lastModified = flagRow({
  name: 'sub_filter_last_modified',
  contexts: CONTEXTS,
  default: false,
  doc: 'Whether changed responses keep Last-Modified and ETag.',
})
const types = typesRow({
  name: 'sub_filter_types',
  contexts: CONTEXTS,
  doc: 'Types of responses that are changed, besides text/html.',
})

const NO_BYTES = Buffer.alloc(0)

class SubstituteSink implements BodySink {
  readonly #replacer: SubstringReplacer
  readonly #next: BodySink

  constructor(replacements: readonly Replacement[], onlyOnce: boolean, next: BodySink) {
    this.#replacer = new SubstringReplacer(replacements, onlyOnce)
    this.#next = next
  }

  write(chunk: Buffer, last: boolean): boolean {
    const pieces = this.#replacer.replace(chunk, last)
    if (pieces.length === 0 && !last) return true
    const [first = NO_BYTES] = pieces
    return this.#next.write(pieces.length > 1 ? Buffer.concat(pieces) : first, last)
  }
}

interface CompiledPair {
  readonly pattern: Value
  readonly value: Value
}

/** A value is evaluated when it is first needed: a variable may be known only then. */
function replacementsFor(request: Request, pairs: readonly CompiledPair[]): Replacement[] {
  const replacements: Replacement[] = []
  for (const { pattern, value } of pairs) {
    const text = pattern.constant ?? pattern.evaluate(request).toLowerCase()
    if (text === '') continue
    let bytes: Buffer | undefined
    replacements.push({
      pattern: text,
      bytes: () => (bytes ??= Buffer.from(value.evaluate(request), 'latin1')),
    })
  }
  return replacements
}

export const subFilterModule: FrontModule = {
  name: 'sub_filter',
  directives: [subFilter, once, lastModified, types],
  filter: (scope, context) => {
    const bounds = scope.findList(subFilter)
    const beyond = bounds[MAX_PATTERNS]
    if (beyond) context.fail('number of search patterns exceeds 255', beyond.statement)
    if (bounds.length === 0) return undefined
    const pairs = bounds.map(({ value: bound, statement }): CompiledPair => {
      const { pattern, value } = bound as Pair
      return { pattern: context.value(pattern, statement), value: context.value(value, statement) }
    })
    const accepted = scope.get(types)
    const onlyOnce = scope.get(once)
    const keepsDate = scope.get(lastModified)
    return (request) => {
      if (request.contentLength === 0 || !isOfTypes(request, accepted)) return undefined
      const replacements = replacementsFor(request, pairs)
      if (replacements.length === 0) return undefined
      if (!request.parent) {
        loseLength(request)
        weakenIdentity(request, keepsDate)
      }
      return (next) => new SubstituteSink(replacements, onlyOnce, next)
    }
  },
}

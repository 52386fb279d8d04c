/** `add_before_body` and `add_after_body`: other answers around a response (nginx addition module; a body filter). */
import type { Context, Directive } from '../../config/directive.ts'
import { textRow } from '../../config/rows.ts'
import type { FrontModule } from '../front-module.ts'
import { OrderedBody } from '../ordered-body.ts'
import { loseLength, weakenEtag } from '../representation.ts'
import type { Request } from '../request.ts'
import type { BodySink } from '../response-output.ts'
import { makeSubrequest } from '../subrequest.ts'
import { isOfTypes, typesRow } from '../types-row.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']

const before: Directive<string> = textRow<string>({
  name: 'add_before_body',
  contexts: CONTEXTS,
  default: '',
  defaultText: '',
  doc: 'Path of the answer that goes before a response; "" for none.',
})
const after: Directive<string> = textRow<string>({
  name: 'add_after_body',
  contexts: CONTEXTS,
  default: '',
  defaultText: '',
  doc: 'Path of the answer that goes behind a response; "" for none.',
})
const types = typesRow({
  name: 'addition_types',
  contexts: CONTEXTS,
  doc: 'Types of responses that something is added to, besides text/html.',
})

const NO_BYTES = Buffer.alloc(0)

class AdditionSink implements BodySink {
  readonly #request: Request
  readonly #body: OrderedBody
  #before: string
  readonly #after: string

  constructor(request: Request, before: string, after: string, next: BodySink) {
    this.#request = request
    this.#before = before
    this.#after = after
    this.#body = new OrderedBody(request, next)
  }

  write(chunk: Buffer, last: boolean): boolean {
    if (this.#before !== '') {
      this.#include(this.#before)
      this.#before = ''
    }
    const ends = last && this.#after === ''
    let more = chunk.length > 0 || ends ? this.#body.write(chunk, ends) : true
    if (last && !ends) {
      this.#include(this.#after)
      more = this.#body.write(NO_BYTES, true)
    }
    this.#body.start()
    return more
  }

  #include(uri: string): void {
    const child = makeSubrequest(this.#request, uri, '')
    if (child) this.#body.include(child)
    else this.#request.connection.abort()
  }
}

export const additionModule: FrontModule = {
  name: 'addition',
  directives: [before, after, types],
  filter: (scope) => {
    const first = scope.get(before)
    const last = scope.get(after)
    if (first === '' && last === '') return undefined
    const accepted = scope.get(types)
    return (request) => {
      if (request.parent || request.status !== 200 || !isOfTypes(request, accepted)) return undefined
      loseLength(request)
      weakenEtag(request)
      return (next) => new AdditionSink(request, first, last, next)
    }
  },
}

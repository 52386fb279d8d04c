import type { MaybePromise } from '../maybe-promise.ts'
import type { UrlLookup } from './match-info.ts'

/** What a request can ask of the handler that answers it. @typeParam R the request */
export interface Site<R> {
  /** Makes paths of the URLconf in use for this request, below its `scriptName`. */
  urlsFor(request: R): UrlLookup
  /** Renders the first template of that name that exists, with what the context processors add. */
  renderTemplate(
    request: R,
    template: string | readonly string[],
    context: Record<string, unknown>,
  ): MaybePromise<string>
}

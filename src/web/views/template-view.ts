import { ImproperlyConfigured } from '../exceptions.ts'
import type { HttpRequest } from '../http/http-request.ts'
import type { OutgoingResponse, ResponseInit } from '../http/outgoing-response.ts'
import { TemplateResponse } from '../http/template-response.ts'
import { chain, type MaybePromise } from '../maybe-promise.ts'
import { View, type Kwargs } from './view.ts'

/** Names and values for a template; functions and promises are resolved when the template asks for them. */
export type TemplateContext = Record<string, unknown>

/** A view that ends in a template; the parent of all that do. */
export class RenderingView<K extends object = Kwargs> extends View<K> {
  templateName: string | null = null
  contentType: string | null = null
  /** Added to every context, over what else has the name: a route's parameter takes nothing's place. */
  extraContext: Readonly<TemplateContext> = {}

  /** What the template gets: what the route captured, the view itself, and whatever a subclass adds. */
  getContextData(extra: TemplateContext = {}): MaybePromise<TemplateContext> {
    return { view: this, ...extra, ...this.extraContext }
  }

  /** Tried in this order. @throws ImproperlyConfigured */
  getTemplateNames(): readonly string[] {
    if (this.templateName !== null) return [this.templateName]
    throw new ImproperlyConfigured(`${this.constructor.name} needs a templateName, or getTemplateNames()`)
  }

  /** A response that is rendered after the view, when middleware has seen it. */
  renderToResponse(context: TemplateContext, init: ResponseInit = {}): OutgoingResponse {
    const type = this.contentType === null ? {} : { contentType: this.contentType }
    return templateResponse(this.request, this.getTemplateNames(), context, { ...type, ...init })
  }
}

/** A response that the site of the request renders late. */
export function templateResponse(
  request: HttpRequest,
  template: string | readonly string[],
  context: TemplateContext = {},
  init: ResponseInit = {},
): TemplateResponse {
  const { site } = request
  if (site === null) throw new Error('A template response works while a handler answers the request')
  return new TemplateResponse(
    (name, data) => site.renderTemplate(request, name, data),
    template,
    context,
    init,
  )
}

/** Shows a template; what the route captured is in its context. */
export class TemplateView<K extends object = Kwargs> extends RenderingView<K> {
  override get(_request: HttpRequest, kwargs: K): MaybePromise<OutgoingResponse> {
    return chain(this.getContextData(Object.fromEntries(Object.entries(kwargs))), (context) =>
      this.renderToResponse(context),
    )
  }
}

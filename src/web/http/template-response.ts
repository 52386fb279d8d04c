import { chain, type MaybePromise } from '../maybe-promise.ts'
import { HttpResponse } from './http-response.ts'
import type { OutgoingResponse, ResponseInit } from './outgoing-response.ts'

/** Turns a template's name and its context into text; the template engine, bound to the request. */
export type RenderTemplate = (
  template: string | readonly string[],
  context: Record<string, unknown>,
) => MaybePromise<string>

/**
 * Called once with the rendered response, or what a callback before it put in its place; what it returns, or promises,
 * takes the response's place.
 */
export type PostRenderCallback = (
  response: OutgoingResponse,
) => MaybePromise<OutgoingResponse | undefined | void>

/**
 * A response that is rendered after the view, so that template-response middleware can change its template and its
 * context first.
 */
export class TemplateResponse extends HttpResponse {
  templateName: string | readonly string[]
  contextData: Record<string, unknown>
  readonly #render: RenderTemplate
  #callbacks: PostRenderCallback[] = []

  constructor(
    render: RenderTemplate,
    templateName: string | readonly string[],
    contextData: Record<string, unknown> = {},
    init: ResponseInit = {},
  ) {
    super('', init)
    this.#render = render
    this.templateName = templateName
    this.contextData = contextData
    this.isRendered = false
  }

  /** Called at once when it is rendered already. */
  addPostRenderCallback(callback: PostRenderCallback): void {
    if (this.isRendered) void callback(this)
    else this.#callbacks.push(callback)
  }

  /** Renders it unless it is rendered; gives the response to send. */
  render(): MaybePromise<OutgoingResponse> {
    if (this.isRendered) return this
    return chain(this.#render(this.templateName, this.contextData), (text) => this.#finish(text))
  }

  #finish(text: string): MaybePromise<OutgoingResponse> {
    this.content = text
    this.isRendered = true
    return this.#callbacks.reduce<MaybePromise<OutgoingResponse>>(
      (before, callback) =>
        chain(before, (response) => chain(callback(response), (other) => other ?? response)),
      this,
    )
  }

  /** @throws Error when it is not rendered yet */
  override get content(): Buffer {
    if (!this.isRendered)
      throw new ContentNotRenderedError('The response content must be rendered before it is read')
    return super.content
  }

  override set content(content: string | Uint8Array) {
    super.content = content
    this.isRendered = true
  }
}

/** The body of a late-rendered response was read too early. */
export class ContentNotRenderedError extends Error {
  override readonly name = 'ContentNotRenderedError'
}

/** A response with a `render` method, whoever wrote its class. */
export interface Renderable extends OutgoingResponse {
  render(): MaybePromise<OutgoingResponse>
}

export function isRenderable(response: OutgoingResponse): response is Renderable {
  return 'render' in response && typeof response.render === 'function'
}

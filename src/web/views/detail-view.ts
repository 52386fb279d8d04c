import { ModelMeta } from '../db/model-meta.ts'
import type { ModelClass, Shape } from '../db/types.ts'
import { Http404, ImproperlyConfigured } from '../exceptions.ts'
import type { HttpRequest } from '../http/http-request.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import { getObjectOr404 } from '../shortcuts.ts'
import {
  contextNameOf,
  templateNamesOf,
  type Lookups,
  type ModelSource,
  type NamedModel,
  type RowSource,
} from './row-source.ts'
import { RenderingView, type TemplateContext } from './template-view.ts'
import type { Kwargs } from './view.ts'

/** A class made by `model()`. */
export const isModelClass = (value: unknown): value is ModelClass<Shape> =>
  typeof value === 'function' && 'meta' in value && value.meta instanceof ModelMeta

/** A view of one row, which the route names by `pk` or by `slug`. */
export class RowView<T = unknown, K extends object = Kwargs> extends RenderingView<K> {
  model: ModelSource<T> | null = null
  queryset: RowSource<T> | null = null
  slugField = 'slug'
  slugUrlKwarg = 'slug'
  pkUrlKwarg = 'pk'
  /** Both have to fit: the slug then proves nothing by itself. */
  queryPkAndSlug = false
  contextObjectName: string | null = null
  templateNameSuffix = ''
  object: T | null = null

  /** @throws ImproperlyConfigured */
  getQueryset(): RowSource<T> {
    const source = this.queryset ?? this.model?.objects
    if (source === undefined) {
      throw new ImproperlyConfigured(`${this.constructor.name} needs a model, a queryset or getQueryset()`)
    }
    return source.all()
  }

  /** @throws Http404 when there is no such row */
  async getObject(): Promise<T> {
    return getObjectOr404(this.getQueryset(), this.#lookups())
  }

  #lookups(): Lookups {
    const captured = new Map<string, unknown>(Object.entries(this.kwargs))
    const pk = captured.get(this.pkUrlKwarg)
    const slug = captured.get(this.slugUrlKwarg)
    const lookups: Record<string, unknown> = {}
    if (pk !== undefined) lookups['pk'] = pk
    if (slug !== undefined && (pk === undefined || this.queryPkAndSlug)) lookups[this.slugField] = slug
    if (Object.keys(lookups).length > 0) return lookups
    throw new ImproperlyConfigured(
      `${this.constructor.name} must be called with ${this.pkUrlKwarg} or ${this.slugUrlKwarg} in its route`,
    )
  }

  /** The row's names in the template: `object`, and the model's or `contextObjectName`. */
  objectContext(): TemplateContext {
    if (this.object === null) return {}
    const model = this.#namedModel
    const named = this.contextObjectName ?? (model === null ? null : contextNameOf(model))
    return { object: this.object, ...(named === null ? {} : { [named]: this.object }) }
  }

  override getTemplateNames(): readonly string[] {
    const model = this.#namedModel
    if (this.templateName !== null || model === null) return super.getTemplateNames()
    return templateNamesOf(model, this.templateNameSuffix)
  }

  /** The row's own model, where it has one: a `getObject` of one's own needs no `model` beside it. */
  get #namedModel(): NamedModel | null {
    const kind: unknown = typeof this.object === 'object' ? this.object?.constructor : undefined
    return isModelClass(kind) ? kind : this.model
  }
}

/** Shows one row. */
export class DetailView<T = unknown, K extends object = Kwargs> extends RowView<T, K> {
  override templateNameSuffix = '_detail'

  override async get(_request: HttpRequest, _kwargs: K): Promise<OutgoingResponse> {
    this.object = await this.getObject()
    if (this.object === null) throw new Http404(`${this.constructor.name}: there is no such row`)
    return this.renderToResponse(await this.getContextData(this.objectContext()))
  }
}

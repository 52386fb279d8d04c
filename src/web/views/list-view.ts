import { Http404, ImproperlyConfigured } from '../exceptions.ts'
import type { HttpRequest } from '../http/http-request.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import { InvalidPage, Paginator, type Page } from './paginator.ts'
import { plainText } from './plain-text.ts'
import { contextNameOf, templateNamesOf, type ModelSource, type RowSource } from './row-source.ts'
import { RenderingView, type TemplateContext } from './template-view.ts'
import type { Kwargs } from './view.ts'

/** What a list may be of: a query set, or rows. */
export type ListSource<T> = RowSource<T> | readonly T[]

/** Shows many rows, in pages when `paginateBy` is set. In the template they are `object_list`. */
export class ListView<T = unknown, K extends object = Kwargs> extends RenderingView<K> {
  model: ModelSource<T> | null = null
  queryset: ListSource<T> | null = null
  ordering: string | readonly string[] | null = null
  paginateBy: number | null = null
  paginateOrphans = 0
  /** The parameter of the query string, or of the route, that says which page. */
  pageKwarg = 'page'
  /** False answers 404 when there is no row. */
  allowEmpty = true
  /** A second name for the rows in the template. */
  contextObjectName: string | null = null
  templateNameSuffix = '_list'

  /**
   * The rows, or the query set that finds them. An async method gives rows: awaiting a query set runs it.
   *
   * @throws ImproperlyConfigured when there is nothing to list
   */
  getQueryset(): ListSource<T> | Promise<readonly T[]> {
    const source = this.queryset ?? this.model?.objects.all()
    if (source === undefined) {
      throw new ImproperlyConfigured(`${this.constructor.name} needs a model, a queryset or getQueryset()`)
    }
    if (!('all' in source)) return source
    const rows = source.all()
    if (this.ordering === null) return rows
    return rows.orderBy(...(typeof this.ordering === 'string' ? [this.ordering] : this.ordering))
  }

  override async get(_request: HttpRequest, _kwargs: K): Promise<OutgoingResponse> {
    const queryset = this.getQueryset()
    const source = queryset instanceof Promise ? { rows: await queryset } : { rows: queryset }
    const page = this.paginateBy === null ? null : await this.#page(source.rows, this.paginateBy)
    const rows = page === null ? await source.rows : page.objectList
    if (rows.length === 0 && !this.allowEmpty)
      throw new Http404(`${this.constructor.name}: the list is empty`)
    return this.renderToResponse(await this.getContextData(this.#listContext(rows, page)))
  }

  async #page(source: ListSource<T>, perPage: number): Promise<PageWithPaginator<T>> {
    const paginator = new Paginator(source, perPage, {
      orphans: this.paginateOrphans,
      allowEmptyFirstPage: this.allowEmpty,
    })
    const captured = new Map<string, unknown>(Object.entries(this.kwargs)).get(this.pageKwarg)
    const wanted = captured ?? this.request.GET.get(this.pageKwarg) ?? 1
    try {
      const page = await paginator.page(typeof wanted === 'number' ? wanted : plainText(wanted))
      return Object.assign(page, { paginator })
    } catch (error) {
      if (!(error instanceof InvalidPage)) throw error
      throw new Http404(`Invalid page (${plainText(wanted)}): ${error.message}`, { cause: error })
    }
  }

  #listContext(rows: readonly T[], page: PageWithPaginator<T> | null): TemplateContext {
    const named = this.#contextName()
    return {
      paginator: page?.paginator ?? null,
      page_obj: page,
      is_paginated: page?.hasOtherPages ?? false,
      object_list: rows,
      ...(named === null ? {} : { [named]: rows }),
    }
  }

  #contextName(): string | null {
    if (this.contextObjectName !== null) return this.contextObjectName
    return this.model === null ? null : `${contextNameOf(this.model)}_list`
  }

  override getTemplateNames(): readonly string[] {
    if (this.templateName !== null || this.model === null) return super.getTemplateNames()
    return templateNamesOf(this.model, this.templateNameSuffix)
  }
}

type PageWithPaginator<T> = Page<T> & { readonly paginator: Paginator<T> }

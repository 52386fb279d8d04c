/** What most views end with. */
import { Http404 } from './exceptions.ts'
import type { HttpRequest } from './http/http-request.ts'
import { HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect } from './http/http-response.ts'
import type { ResponseInit } from './http/outgoing-response.ts'
import { chain, isPromise, type MaybePromise } from './maybe-promise.ts'
import { NoReverseMatch } from './urls/reverse-index.ts'

/** A template rendered into a response. The first template that exists is taken. */
export function render(
  request: HttpRequest,
  template: string | readonly string[],
  context: Record<string, unknown> = {},
  init: ResponseInit = {},
): MaybePromise<HttpResponse> {
  if (request.site === null) throw new Error('render works while a handler answers the request')
  return chain(
    request.site.renderTemplate(request, template, context),
    (text) => new HttpResponse(text, init),
  )
}

/** Something with a page of its own. */
export interface HasAbsoluteUrl {
  getAbsoluteUrl(): string
}

export function hasAbsoluteUrl(row: object): row is HasAbsoluteUrl {
  return 'getAbsoluteUrl' in row && typeof row.getAbsoluteUrl === 'function'
}

/**
 * A redirect: to an object's own page, to a named URL with its `kwargs`, or to a URL as it stands (it has a slash or
 * a dot in it).
 *
 * @throws NoReverseMatch when `to` looks like a name and is none
 */
export function redirect(
  request: HttpRequest,
  to: string | HasAbsoluteUrl,
  kwargs: Readonly<Record<string, unknown>> = {},
  { permanent = false }: { readonly permanent?: boolean } = {},
): HttpResponseRedirect {
  const url = resolveUrl(request, to, kwargs)
  return permanent ? new HttpResponsePermanentRedirect(url) : new HttpResponseRedirect(url)
}

/** The URL that `redirect` goes to. */
export function resolveUrl(
  request: HttpRequest,
  to: string | HasAbsoluteUrl,
  kwargs: Readonly<Record<string, unknown>> = {},
): string {
  if (typeof to !== 'string') return to.getAbsoluteUrl()
  if (to.startsWith('./') || to.startsWith('../')) return to
  try {
    return request.reverse(to, kwargs)
  } catch (error) {
    if (error instanceof NoReverseMatch && (to.includes('/') || to.includes('.'))) return to
    throw error
  }
}

/** The part of a manager or query set that finds one row. Not finding it is an error named `DoesNotExist`. */
export interface Gettable<T, L> {
  get(lookups: L): MaybePromise<T>
}

/** A row, or 404. @throws Http404, and what `get` throws for more than one row */
export async function getObjectOr404<T, L>(source: Gettable<T, L>, lookups: L): Promise<T> {
  try {
    return await source.get(lookups)
  } catch (error) {
    if (!isDoesNotExist(error)) throw error
    throw new Http404(error.message, { cause: error })
  }
}

function isDoesNotExist(error: unknown): error is Error {
  return error instanceof Error && (error.name === 'DoesNotExist' || error.name.endsWith('.DoesNotExist'))
}

/** The part of a manager or query set that finds many rows; awaiting the query set runs it. */
export interface Filterable<T, L> {
  filter(lookups: L): PromiseLike<readonly T[]> | readonly T[] | AsyncIterable<T>
}

/** The rows, at least one, or 404. @throws Http404 */
export async function getListOr404<T, L>(source: Filterable<T, L>, lookups: L): Promise<readonly T[]> {
  const found = source.filter(lookups)
  const rows =
    isPromise(found) || Array.isArray(found)
      ? await (found as PromiseLike<readonly T[]>)
      : await collected(found)
  if (rows.length === 0) throw new Http404('No row matches the given query.')
  return rows
}

async function collected<T>(rows: Iterable<T> | AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const row of rows) list.push(row)
  return list
}

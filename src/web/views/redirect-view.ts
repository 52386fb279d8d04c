import type { HttpRequest } from '../http/http-request.ts'
import {
  HttpResponseGone,
  HttpResponsePermanentRedirect,
  HttpResponseRedirect,
} from '../http/http-response.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import { quote } from '../http/percent.ts'
import { loggerOf } from '../handlers/request-log.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import { plainText } from './plain-text.ts'
import { View, type Kwargs } from './view.ts'

/** Sends everybody elsewhere: to `url`, or to the URL named `patternName`; 410 when there is neither. */
export class RedirectView<K extends object = Kwargs> extends View<K> {
  permanent = false
  /** What the route captured replaces `%(name)s` in it. */
  url: string | null = null
  patternName: string | null = null
  /** Takes the query string along. */
  queryString = false

  getRedirectUrl(kwargs: K): string | null {
    const url = this.#target(kwargs)
    const query = this.request.META.QUERY_STRING
    return url !== null && this.queryString && query !== '' ? `${url}?${query}` : url
  }

  #target(kwargs: K): string | null {
    const values = new Map<string, unknown>(Object.entries(kwargs))
    if (this.url !== null) {
      // Encoded, so that a captured text can change neither host nor query.
      const url = this.url.replace(/%\((\w+)\)s|%%/g, (all, name?: string) =>
        name === undefined ? all.slice(1) : quote(plainText(values.get(name))),
      )
      // Nor may it begin with the second of two slashes: that would be another host.
      return url.startsWith('//') && !this.url.startsWith('//') ? `/%2F${url.slice(2)}` : url
    }
    return this.patternName === null
      ? null
      : this.request.reverse(this.patternName, Object.fromEntries(values))
  }

  override get(request: HttpRequest, kwargs: K): MaybePromise<OutgoingResponse> {
    const url = this.getRedirectUrl(kwargs)
    if (url !== null)
      return this.permanent ? new HttpResponsePermanentRedirect(url) : new HttpResponseRedirect(url)
    loggerOf(request).warn({ status: 410 }, 'Gone: a RedirectView without a URL')
    return new HttpResponseGone()
  }

  override post(request: HttpRequest, kwargs: K): MaybePromise<OutgoingResponse> {
    return this.get(request, kwargs)
  }

  override put(request: HttpRequest, kwargs: K): MaybePromise<OutgoingResponse> {
    return this.get(request, kwargs)
  }

  override patch(request: HttpRequest, kwargs: K): MaybePromise<OutgoingResponse> {
    return this.get(request, kwargs)
  }

  override delete(request: HttpRequest, kwargs: K): MaybePromise<OutgoingResponse> {
    return this.get(request, kwargs)
  }

  override options(request: HttpRequest, kwargs: K): MaybePromise<OutgoingResponse> {
    return this.get(request, kwargs)
  }
}

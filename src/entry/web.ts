/** What `import ... from 'portico/web'` gives: the framework. */
export {
  BadHeaderError,
  BadRequest,
  DisallowedHost,
  DisallowedRedirect,
  Http404,
  ImproperlyConfigured,
  MiddlewareNotUsed,
  MultiPartParserError,
  PermissionDenied,
  RequestDataTooBig,
  SessionInterrupted,
  SuspiciousFileOperation,
  SuspiciousOperation,
  TooManyFieldsSent,
  TooManyFilesSent,
  UnreadablePostError,
} from '../web/exceptions.ts'
export type { MaybePromise } from '../web/maybe-promise.ts'
export { defineSettings } from '../web/conf/settings.ts'
export type {
  ContextProcessor,
  Settings,
  SettingsInput,
  TemplateEngine,
  TemplateSettings,
} from '../web/conf/settings.ts'
export type { SettingValues } from '../web/conf/setting-values.ts'
export type { WebLogger } from '../web/conf/logger.ts'
export { HttpRequest } from '../web/http/http-request.ts'
export { QueryDict } from '../web/http/query-dict.ts'
export { MultiValueDict } from '../web/http/multi-value-dict.ts'
export { UploadedFile } from '../web/http/uploaded-file.ts'
export type { CookieOptions } from '../web/http/cookies.ts'
export type { RequestUser } from '../web/http/request-user.ts'
export { OutgoingResponse } from '../web/http/outgoing-response.ts'
export type { ResponseInit } from '../web/http/outgoing-response.ts'
export {
  HttpResponse,
  HttpResponseBadRequest,
  HttpResponseForbidden,
  HttpResponseGone,
  HttpResponseNotAllowed,
  HttpResponseNotFound,
  HttpResponseNotModified,
  HttpResponsePermanentRedirect,
  HttpResponseRedirect,
  HttpResponseServerError,
  JsonResponse,
} from '../web/http/http-response.ts'
export { FileResponse, StreamingHttpResponse } from '../web/http/streaming-response.ts'
export { ContentNotRenderedError, TemplateResponse } from '../web/http/template-response.ts'
export { urlHasAllowedHostAndScheme } from '../web/http/url-safety.ts'
export { getWsgiApplication, WSGIHandler } from '../web/handlers/wsgi-handler.ts'
export type { GetResponse, Layer, MiddlewareEntry, MiddlewareHooks } from '../web/handlers/middleware.ts'
export { include, path, pathWith, rePath } from '../web/urls/url-pattern.ts'
export type { ErrorView, Urlconf, UrlPattern, View } from '../web/urls/url-pattern.ts'
export type { Converter, RouteKwargs } from '../web/urls/converters.ts'
export { Resolver, Resolver404 } from '../web/urls/resolver.ts'
export { ResolverMatch } from '../web/urls/resolver-match.ts'
export { NoReverseMatch } from '../web/urls/reverse-index.ts'
export { Session } from '../web/sessions/session.ts'
export type { SessionValue } from '../web/sessions/session.ts'
export type { SessionStore } from '../web/sessions/session-store.ts'
export { BadSignature, SignatureExpired, Signer, TimestampSigner } from '../web/signing/signer.ts'
export { Trace } from '../web/trace/trace.ts'
export type { TraceEntry } from '../web/trace/trace.ts'
export { Client } from '../web/client/client.ts'
export type { ClientBody, ClientOptions, ClientRequest } from '../web/client/client.ts'
export { ClientResponse } from '../web/client/client-response.ts'
export { getListOr404, getObjectOr404, redirect, render, resolveUrl } from '../web/shortcuts.ts'

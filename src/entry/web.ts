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
export type { ErrorView, Urlconf, UrlPattern, ViewFunction } from '../web/urls/url-pattern.ts'
export type { Converter, RouteKwargs } from '../web/urls/converters.ts'
export { Resolver, Resolver404 } from '../web/urls/resolver.ts'
export { ResolverMatch } from '../web/urls/resolver-match.ts'
export { checkUrls } from '../web/urls/check-urls.ts'
export type { UrlWarning } from '../web/urls/check-urls.ts'
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
export { View } from '../web/views/view.ts'
export type { Kwargs, ViewDecorator } from '../web/views/view.ts'
export { TemplateView, templateResponse } from '../web/views/template-view.ts'
export type { TemplateContext } from '../web/views/template-view.ts'
export { RedirectView } from '../web/views/redirect-view.ts'
export { ListView } from '../web/views/list-view.ts'
export { DetailView } from '../web/views/detail-view.ts'
export { CreateView, DeleteView, FormView, UpdateView } from '../web/views/form-view.ts'
export { InvalidPage, Page, Paginator } from '../web/views/paginator.ts'
export type { ModelSource, RowSource, SavableRow } from '../web/views/row-source.ts'
export {
  cacheControl,
  condition,
  csrfExempt,
  etag,
  lastModified,
  loginRequired,
  neverCache,
  nonAtomicRequests,
  permissionRequired,
  redirectToLogin,
  requireGET,
  requireHttpMethods,
  requirePOST,
  requireSafe,
  userPassesTest,
  varyOnCookie,
  varyOnHeaders,
  xframeOptionsDeny,
  xframeOptionsExempt,
  xframeOptionsSameorigin,
} from '../web/views/decorators.ts'
export * as field from '../web/forms/field.ts'
export { defineForm } from '../web/forms/form.ts'
export type { CleanHooks, Form, FormClass, FormDefinition } from '../web/forms/form.ts'
export { formset } from '../web/forms/formset.ts'
export type { Formset, FormsetClass, FormsetInput, FormsetOptions } from '../web/forms/formset.ts'
export { ModelForm, modelForm } from '../web/forms/model-form.ts'
export type { ModelFormClass, ModelFormInput, ModelFormOptions } from '../web/forms/model-form.ts'
export type { ErrorMessages } from '../web/forms/model-field.ts'
export { inlineFormset, modelFormset } from '../web/forms/model-formset.ts'
export type {
  InlineFormsetClass,
  InlineOptions,
  ModelFormset,
  ModelFormsetClass,
  ModelFormsetInput,
} from '../web/forms/model-formset.ts'
export { ValidationError } from '../web/forms/validation-error.ts'
export type { BoundField } from '../web/forms/bound-field.ts'
export type { StandardSchema } from '../web/forms/standard-schema.ts'
export {
  AuthenticationMiddleware,
  SessionAuthenticationMiddleware,
} from '../web/middleware/authentication-middleware.ts'
export { CommonMiddleware } from '../web/middleware/common-middleware.ts'
export { ConditionalGetMiddleware } from '../web/middleware/conditional-get-middleware.ts'
export { CsrfViewMiddleware } from '../web/middleware/csrf-view-middleware.ts'
export { GZipMiddleware } from '../web/middleware/gzip-middleware.ts'
export { MessageMiddleware } from '../web/middleware/message-middleware.ts'
export { SecurityMiddleware } from '../web/middleware/security-middleware.ts'
export { SessionMiddleware } from '../web/middleware/session-middleware.ts'
export { XFrameOptionsMiddleware } from '../web/middleware/xframe-options-middleware.ts'
export { defaultMiddleware } from '../web/middleware/known-middleware.ts'
export { getToken, rotateToken } from '../web/csrf/csrf-token.ts'
export * as messages from '../web/messages/messages.ts'
export type { Message } from '../web/messages/message.ts'
export { CookieMessages, FallbackMessages, SessionMessages } from '../web/messages/message-storage.ts'
export type { MessageStorage } from '../web/messages/message-storage.ts'
export { MemorySessionStore, newSessionKey } from '../web/sessions/memory-store.ts'
export { SignedCookieStore } from '../web/sessions/signed-cookie-store.ts'
export { sessionHashKey } from '../web/middleware/authentication-middleware.ts'
export * as contextProcessors from '../web/handlers/context-processors.ts'

// caches
export { patchCacheControl } from '../web/http/cache-control.ts'
export type { CacheDirectives } from '../web/http/cache-control.ts'
export { Cache, cachesOf, defineCaches, memoryCache } from '../web/cache/cache.ts'
export type { CacheOptions, Caches, CacheValue, StoreOptions, VersionOption } from '../web/cache/cache.ts'
export type { CacheStore } from '../web/cache/cache-store.ts'
export { CacheRow, databaseCache, DatabaseCacheStore } from '../web/cache/database-cache-store.ts'
export { fileCache, FileCacheStore } from '../web/cache/file-cache-store.ts'
export { CacheUnavailable } from '../web/cache/cache-unavailable.ts'
export { valkeyCache, ValkeyCacheStore } from '../web/cache/valkey-cache-store.ts'
export type { ValkeyOptions } from '../web/cache/valkey-cache-store.ts'
export type { ValkeyTls } from '../web/cache/valkey-address.ts'
export { MemoryCacheStore } from '../web/cache/memory-cache-store.ts'
export { patchResponseHeaders } from '../web/cache/page-cache.ts'
export { cachePage } from '../web/views/cache-page.ts'
export { FetchFromCacheMiddleware, UpdateCacheMiddleware } from '../web/middleware/cache-middleware.ts'
export { makeTemplateFragmentKey } from '../web/template/tags/cache-tag.ts'
export { CacheSessionStore } from '../web/sessions/cache-session-store.ts'
export { FileSessionStore } from '../web/sessions/file-session-store.ts'

// static files
export { collectStatic, findersOf, findStatic, staticConf } from '../web/static/collect-static.ts'
export type { CollectOptions, CollectResult, FoundStatic } from '../web/static/collect-static.ts'
export { staticUrls } from '../web/static/static-manifest.ts'
export { storedFileResponse } from '../web/static/stored-file-response.ts'

// mail
export { EmailMessage } from '../web/mail/email-message.ts'
export type { Alternative, Attachment, EmailOptions } from '../web/mail/email-message.ts'
export {
  ConsoleMailBackend,
  FileMailBackend,
  MemoryMailBackend,
  messageText,
  SmtpMailBackend,
} from '../web/mail/mail-backend.ts'
export type { MailBackend, SmtpOptions } from '../web/mail/mail-backend.ts'
export { mailBackendOf, sendMail } from '../web/mail/send-mail.ts'

export { currentTimeZone, withTimeZone } from '../web/time-zones/current-time-zone.ts'

// templates
export { Engine } from '../web/template/engine.ts'
export type { EngineOptions } from '../web/template/engine.ts'
export { Context } from '../web/template/context.ts'
export { memorySource } from '../web/template/template-source.ts'
export type { TemplateSource } from '../web/template/template-source.ts'
export { altersData } from '../web/template/attribute.ts'
export type { FilterFunction, FilterOptions } from '../web/template/filter.ts'
export { Library } from '../web/template/library.ts'
export type { CompileFunction, TagParser, TagSet } from '../web/template/tag-parser.ts'
export {
  conditionalEscape,
  escape,
  formatHtml,
  formatHtmlJoin,
  markSafe,
  SafeString,
} from '../web/template/safe-string.ts'
export type { HtmlSafe } from '../web/template/safe-string.ts'
export {
  templateDebug,
  TemplateDoesNotExist,
  TemplateSyntaxError,
  VariableDoesNotExist,
} from '../web/template/template-error.ts'
export type { TemplateDebug } from '../web/template/template-error.ts'

// the database
export { atomic, defineDatabases, observeQueries, onCommit } from '../web/db/databases.ts'
export type { Databases, DatabaseSettings } from '../web/db/databases.ts'
export type { DatabaseOptions } from '../web/db/connect.ts'
export type { AtomicOptions, Database } from '../web/db/database.ts'
export type { QueryEvent, QueryListener } from '../web/db/scope.ts'
export {
  DatabaseError,
  DatabaseUnavailable,
  DataError,
  FieldError,
  FieldNotLoaded,
  IntegrityError,
  MultipleObjectsReturned,
  NotSupportedError,
  ObjectDoesNotExist,
  OperationalError,
  ProgrammingError,
  ProtectedError,
  RelationNotLoaded,
  TransactionManagementError,
  ValueError,
} from '../web/db/errors.ts'
export { f } from '../web/db/fields/f.ts'
export type { OnDelete } from '../web/db/fields/relation.ts'
export { model } from '../web/db/model.ts'
export type { ModelOptions } from '../web/db/model.ts'
export { ModelRegistry } from '../web/db/model-registry.ts'
export { Case, When } from '../web/db/query/conditional.ts'
export {
  Extract,
  ExtractDay,
  ExtractHour,
  ExtractMonth,
  ExtractWeek,
  ExtractYear,
  Trunc,
  TruncDate,
  TruncDay,
  TruncHour,
  TruncMonth,
  TruncWeek,
  TruncYear,
} from '../web/db/query/date-functions.ts'
export { Avg, Count, F, Max, Min, Sum, Value } from '../web/db/query/expressions.ts'
export type { Expression } from '../web/db/query/expressions.ts'
export {
  Abs,
  Cast,
  Ceil,
  Coalesce,
  Concat,
  Floor,
  Greatest,
  LTrim,
  Least,
  Left,
  Length,
  Lower,
  Now,
  NullIf,
  Power,
  RTrim,
  Replace,
  Right,
  Round,
  Sqrt,
  StrIndex,
  Substr,
  Trim,
  Upper,
} from '../web/db/query/functions.ts'
export { Exists, OuterRef, Subquery } from '../web/db/query/subquery.ts'
export {
  CumeDist,
  DenseRank,
  FirstValue,
  Lag,
  LastValue,
  Lead,
  NthValue,
  Ntile,
  PercentRank,
  Rank,
  RowNumber,
  Window,
} from '../web/db/query/window.ts'
export { Q } from '../web/db/query/q.ts'
export type { QuerySet } from '../web/db/query/queryset.ts'
export type { RelatedSet } from '../web/db/related-set.ts'
export { createTables } from '../web/db/schema/create-tables.ts'
export { migration } from '../web/db/migrations/migration.ts'
export type { Migration, MigrationKey } from '../web/db/migrations/migration.ts'
export type { DataStep, Operation } from '../web/db/migrations/operation.ts'
export {
  addConstraint,
  addField,
  addIndex,
  alterField,
  alterTable,
  createModel,
  deleteModel,
  noop,
  removeConstraint,
  removeField,
  removeIndex,
  renameField,
  renameModel,
  runCode,
  runSql,
} from '../web/db/migrations/operations.ts'
export type { FillOption, SqlSource, UniqueConstraint } from '../web/db/migrations/operations.ts'
export type { ModelStateOptions } from '../web/db/migrations/project-state.ts'
export { migrate } from '../web/management/migrate.ts'
export { postMigrate } from '../web/management/post-migrate.ts'
export type { MigrateEvent } from '../web/management/post-migrate.ts'
export type { MigrateSettings } from '../web/management/migrate.ts'
export { executeFromCommandLine } from '../web/management/execute.ts'
export { CommandError } from '../web/management/command.ts'
export type { ManagementCommand, ManagementContext, OptionValues } from '../web/management/command.ts'
export type { ManagementSite } from '../web/management/management-site.ts'
export { testSite } from '../web/management/test-site.ts'
export type { TestSite } from '../web/management/test-site.ts'
export { postDelete, postSave, preDelete, preSave } from '../web/db/signals.ts'
export type { AnyModel, Instance, ModelClass, RelatedNames } from '../web/db/types.ts'

// users
export { AttemptLimiter, TooManyAttempts } from '../web/auth/attempt-limiter.ts'
export { AuthenticationForm, UserCreationForm } from '../web/auth/auth-forms.ts'
export {
  LoginView,
  LogoutView,
  SignUpView,
  loginView,
  logoutView,
  safeNextUrl,
  signUpView,
} from '../web/auth/auth-views.ts'
export {
  Authentication,
  ModelBackend,
  authenticate,
  getUser,
  login,
  logout,
  updateSessionAuthHash,
} from '../web/auth/authentication.ts'
export type { AuthenticationBackend, Credentials } from '../web/auth/authentication.ts'
export { Pbkdf2Hasher, ScryptHasher } from '../web/auth/password-hasher.ts'
export type { PasswordHasher } from '../web/auth/password-hasher.ts'
export { validatePassword } from '../web/auth/password-validation.ts'
export { HashingOverload } from '../web/auth/hashing-queue.ts'
export { Passwords, passwords } from '../web/auth/passwords.ts'
export { ContentType, createPermissions, Group, Permission } from '../web/auth/permissions.ts'
export { PasswordChangeForm, PasswordResetForm, SetPasswordForm } from '../web/auth/password-forms.ts'
export { PasswordResetTokens } from '../web/auth/password-reset-token.ts'
export type { TokenHolder } from '../web/auth/password-reset-token.ts'
export {
  passwordChangeDoneView,
  PasswordChangeView,
  passwordChangeView,
  passwordResetCompleteView,
  PasswordResetConfirmView,
  passwordResetConfirmView,
  passwordResetDoneView,
  PasswordResetView,
  passwordResetView,
} from '../web/auth/password-views.ts'
export { getUserModel, UserModel, usernameOf } from '../web/auth/user-model.ts'
export { baseUserFields, permissionFields } from '../web/auth/user.ts'
export { User, userFields, userManager, userMethods } from '../web/auth/user.ts'
export type { UserRow } from '../web/auth/user.ts'
export { DatabaseSessionStore, SessionRow } from '../web/sessions/database-store.ts'

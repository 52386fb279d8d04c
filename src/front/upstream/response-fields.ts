/** From an upstream's head to the fields of our response: hop-by-hop and internal fields stay behind. */
import { charsetOf } from '../types-row.ts'
import { parseContentLength } from '../../http/content-length.ts'
import { hopByHopNames } from '../../http/connection.ts'
import { parseHttpDate } from '../../http/http-date.ts'
import { parseSize } from '../../util/size.ts'
import { finishWithStatus, internalRedirect, namedRedirect } from '../phases.ts'
import type { Request } from '../request.ts'
import type { UpstreamHead } from './exchange.ts'
import type { UpstreamSettings } from './upstream-settings.ts'

/** Fields that are said by other means: framing is ours, the type and the validators have fields of their own. */
const OWN_FIELDS = new Set(['content-length', 'content-type'])

/** Always hidden unless passed (`*_hide_header`). */
export const DEFAULT_HIDDEN = [
  'x-accel-expires',
  'x-accel-redirect',
  'x-accel-limit-rate',
  'x-accel-buffering',
  'x-accel-charset',
]

/** `name` is lower-case. */
export type FieldRewriter = (request: Request, name: string, value: string) => string

type FieldRules = Pick<
  UpstreamSettings,
  'hiddenHeaders' | 'ignoredHeaders' | 'rewriteField' | 'omitsMissingIdentity' | 'forceRanges'
>

/**
 * Sets status and fields. Answers the declared length of the body, -1 for none. A field with control bytes is an
 * application's fault that the head writer finds.
 */
export function applyUpstreamHead(request: Request, head: UpstreamHead, rules: FieldRules): number {
  const { hiddenHeaders: hidden, ignoredHeaders, rewriteField } = rules
  request.status = request.reasonStatus = head.status
  request.reason = head.reason
  let declared = -1
  const { names, rawNames, values } = head.headers
  const hop = hopByHopNames(head.headers)
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] as string
    const value = values[index] as string
    switch (name) {
      case 'server':
      case 'date':
        if (!hidden.has(name)) identify(request, name, value)
        break
      case 'content-length':
        declared = parseContentLength(value) ?? -1
        break
      case 'content-type':
        request.contentType = value
        if (value.includes(';')) request.declaredCharset = charsetOf(value)
        break
      case 'last-modified': {
        const seconds = parseHttpDate(value)
        if (hidden.has(name)) break
        if (seconds === undefined) request.addHeader('Last-Modified', value)
        else request.lastModified = seconds
        break
      }
      case 'etag':
        if (!hidden.has(name)) request.etag = value
        break
      case 'accept-ranges':
        if (rules.forceRanges || hidden.has(name)) break
        if (value.toLowerCase() === 'bytes') request.acceptRanges = true
        else request.addHeader('Accept-Ranges', value)
        break
      case 'content-encoding':
        if (!hidden.has(name)) request.contentEncoding = value
        break
      case 'upgrade':
        if (head.status === 101) request.addHeader(rawNames[index] as string, value)
        break
      default:
        if (name.startsWith('x-accel-') && !ignoredHeaders.has(name)) obey(request, name, value)
        if (!OWN_FIELDS.has(name) && !hidden.has(name) && !hop.has(name)) {
          request.addHeader(
            rawNames[index] as string,
            rewriteField ? rewriteField(request, name, value) : value,
          )
        }
    }
  }
  request.contentLength = declared
  if (rules.omitsMissingIdentity && !(hidden.has('server') && hidden.has('date'))) {
    if (!hidden.has('server') && !head.headers.has('server')) identify(request, 'server', '')
    if (!hidden.has('date') && !head.headers.has('date')) identify(request, 'date', '')
  }
  return declared
}

function identify(request: Request, name: 'server' | 'date', value: string): void {
  request.identity ??= { server: undefined, date: undefined }
  request.identity[name] = value
}

/** Orders that concern how the response is sent. */
function obey(request: Request, name: string, value: string): void {
  if (name === 'x-accel-limit-rate') request.limitRate = parseSize(value) ?? request.limitRate
  else if (name === 'x-accel-charset') request.overrideCharset = value
}

/** Whether a response may wait here for its client: as the upstream says, else as the conf, but no event stream. */
export function wantsBuffering({ headers }: UpstreamHead, settings: UpstreamSettings): boolean {
  const order = settings.ignoredHeaders.has('x-accel-buffering')
    ? undefined
    : headers.get('x-accel-buffering')
  switch (order?.toLowerCase()) {
    case 'yes':
      return true
    case 'no':
      return false
    default:
      return settings.buffering && headers.get('content-type')?.startsWith('text/event-stream') !== true
  }
}

/** What answers in the place of this response: where `X-Accel-Redirect` leads, or with `*_intercept_errors` our page. */
export function otherAnswer(
  request: Request,
  head: UpstreamHead,
  { ignoredHeaders, interceptErrors }: UpstreamSettings,
): ((request: Request) => void) | undefined {
  const redirect = ignoredHeaders.has('x-accel-redirect') ? undefined : redirectTarget(head, ignoredHeaders)
  if (redirect) return redirect
  if (!interceptErrors || head.status < 300 || !request.location.settings.errorPages.has(head.status))
    return undefined
  return errorPageOf(head)
}

function errorPageOf({ status, headers }: UpstreamHead): (request: Request) => void {
  return (request) => {
    for (const challenge of headers.all('www-authenticate')) request.addHeader('WWW-Authenticate', challenge)
    finishWithStatus(request, status)
  }
}

/** `X-Accel-Redirect`: where the answer really is, on our own side. */
function redirectTarget(
  head: UpstreamHead,
  ignored: ReadonlySet<string>,
): ((request: Request) => void) | undefined {
  const target = head.headers.get('x-accel-redirect')
  if (target === undefined || target === '') return undefined
  if (target.startsWith('@')) {
    return (request) => {
      keepFields(request, head, ignored)
      namedRedirect(request, target)
    }
  }
  const query = target.indexOf('?')
  const path = query < 0 ? target : target.slice(0, query)
  return (request) => {
    keepFields(request, head, ignored)
    if (request.method !== 'HEAD') request.method = 'GET'
    internalRedirect(request, path, query < 0 ? '' : target.slice(query + 1))
  }
}

/** What of the first response goes along with the file (nginx: these, when the application set them). */
const KEPT = new Set([
  'set-cookie',
  'cache-control',
  'expires',
  'content-disposition',
  'x-frame-options',
  'content-security-policy',
  'x-content-type-options',
  'referrer-policy',
])

function keepFields(request: Request, head: UpstreamHead, ignored: ReadonlySet<string>): void {
  request.contentType = head.headers.get('content-type')
  const { names, rawNames, values } = head.headers
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] as string
    if (name.startsWith('x-accel-') && !ignored.has(name)) obey(request, name, values[index] as string)
    if (KEPT.has(name)) request.addHeader(rawNames[index] as string, values[index] as string)
  }
}

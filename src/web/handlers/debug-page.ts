/** The technical pages that `settings.debug` shows. Everything in them is escaped, and secrets are covered. */
import { stackText } from '../../util/thrown-text.ts'
import { HttpResponse } from '../http/http-response.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { viewName } from '../urls/resolver-match.ts'
import { Resolver404 } from '../urls/resolver.ts'
import { escapeHtml } from './escape-html.ts'

const secretName = /api|auth|cookie|csrf|key|pass|secret|session_?id|signature|token|database/i
/** Settings about cookies and sessions are no secrets themselves. */
const secretSetting = /api|key|pass|secret|signature|token|database/i
const covered = '********************'

/** A value for the page; what its name calls a secret, or what lies under such a name, is covered. */
function scrubbed(name: string, value: unknown, depth = 0): string {
  if (secretName.test(name)) return covered
  return shown(value, depth)
}

function shown(value: unknown, depth = 0): string {
  if (typeof value === 'function') return `[function ${value.name}]`
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? withoutSecrets(value) : String(value)
  if (value instanceof RegExp || value instanceof Date) return String(value)
  if (depth > 3) return '…'
  if (Array.isArray(value))
    return `[${value
      .slice(0, 50)
      .map((item) => scrubbed('', item, depth + 1))
      .join(', ')}]`
  const fields = Object.entries(value).slice(0, 50)
  return `{ ${fields.map(([key, inner]) => `${key}: ${scrubbed(key, inner, depth + 1)}`).join(', ')} }`
}

/** A text with a URL in it, or a query string: their passwords and other secrets are covered. */
function withoutSecrets(text: string): string {
  return text
    .slice(0, 2000)
    .replace(/(:\/\/[^\s:/@]*:)[^\s@]*@/g, `$1${covered}@`)
    .replace(/(^|[?&])([^=&#?\s]*)=[^&#\s]*/g, (all, before: string, name: string) =>
      secretName.test(name) ? `${before}${name}=${covered}` : all,
    )
}

/** 500, or the status given: what was thrown, where, and for which request. */
export function technicalErrorPage(request: HttpRequest, error: unknown, status = 500): HttpResponse {
  const title = `${nameOf(error)} at ${request.path}`
  if (!request.accepts('text/html')) {
    return new HttpResponse(plainText(title, request, error), {
      status,
      contentType: 'text/plain; charset=utf-8',
    })
  }
  const body =
    `<header><h1>${escapeHtml(title)}</h1><pre class="message">${escapeHtml(messageOf(error))}</pre></header>` +
    table('Request', requestRows(request)) +
    stackSections(error) +
    table('META', metaRows(request)) +
    table('Settings', settingRows(request))
  return new HttpResponse(page(title, body), { status })
}

/** 404: the routes that were tried. */
export function technicalNotFoundPage(request: HttpRequest, error: unknown): HttpResponse {
  const title = `Page not found at ${request.path}`
  const tried = error instanceof Resolver404 ? error.tried : []
  const list = tried
    .map((route) => `<li><code>${escapeHtml(route === '' ? '(empty)' : route)}</code></li>`)
    .join('')
  const routes =
    tried.length === 0
      ? ''
      : `<h2>Routes tried, in this order</h2><ol>${list}</ol><p>None of them matched.</p>`
  const body =
    `<header><h1>${escapeHtml(title)}</h1><pre class="message">${escapeHtml(messageOf(error))}</pre></header>` +
    table('Request', requestRows(request)) +
    routes
  return new HttpResponse(page(title, body), { status: 404 })
}

type Row = readonly [name: string, value: string]

function requestRows(request: HttpRequest): Row[] {
  const match = request.resolverMatch
  return [
    ['Method', request.method],
    ['Path', shown(request.getFullPath())],
    ['View', match === null ? 'none' : viewName(match.view)],
    ['Route', match?.route ?? 'none'],
    ...[...safeQuery(request)].map(([name, value]): Row => [`GET ${name}`, scrubbed(name, value)]),
  ]
}

/** The error may be about the query itself. */
function safeQuery(request: HttpRequest): Iterable<[string, string]> {
  try {
    return request.GET
  } catch {
    return []
  }
}

function metaRows(request: HttpRequest): Row[] {
  return Object.entries(request.META)
    .filter(([, value]) => typeof value === 'string')
    .map(([name, value]): Row => [name, scrubbed(name, value)])
    .sort(([left], [right]) => (left < right ? -1 : 1))
}

function settingRows(request: HttpRequest): Row[] {
  return Object.entries(request.settings)
    .map(([name, value]): Row => [name, secretSetting.test(name) ? covered : shown(value)])
    .sort(([left], [right]) => (left < right ? -1 : 1))
}

function stackSections(error: unknown): string {
  const sections: string[] = []
  for (let cause = error; cause !== undefined && sections.length < 10; cause = causeOf(cause)) {
    const heading = sections.length === 0 ? 'Traceback' : `Caused by ${escapeHtml(nameOf(cause))}`
    const stack = cause instanceof Error ? stackText(cause) : scrubbed('', cause)
    sections.push(`<h2>${heading}</h2><pre>${escapeHtml(stack)}</pre>`)
  }
  return sections.join('')
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'A value that is no Error'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : scrubbed('', error)
}

function table(title: string, rows: readonly Row[]): string {
  const lines = rows.map(
    ([name, value]) =>
      `<tr><th scope="row">${escapeHtml(name)}</th><td><code>${escapeHtml(value)}</code></td></tr>`,
  )
  return `<h2>${title}</h2><table>${lines.join('')}</table>`
}

function page(title: string, body: string): string {
  return (
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="robots" content="none">` +
    `<title>${escapeHtml(title)}</title><style>${styles}</style></head><body>${body}` +
    '<footer>You see this page because settings.debug is on. Turn it off, and visitors get a plain error page.' +
    '</footer></body></html>\n'
  )
}

const styles =
  'body{font:16px/1.5 system-ui,sans-serif;margin:0;padding:0 1.5rem 2rem;color:#222;background:#fff}' +
  'header{background:#fbe9e7;margin:0 -1.5rem;padding:1rem 1.5rem;border-bottom:1px solid #e0b4ae}' +
  'h1{font-size:1.4rem;margin:0}h2{font-size:1.1rem;margin:1.5rem 0 .5rem}' +
  'pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f6f6f6;padding:.75rem;margin:0}' +
  '.message{background:none;padding:.5rem 0 0;font-size:1.05rem}' +
  'table{border-collapse:collapse;width:100%}th{text-align:left;vertical-align:top;font-weight:normal;width:16rem;' +
  'padding:.2rem 1rem .2rem 0}td{overflow-wrap:anywhere}footer{margin-top:2rem;color:#666}'

function plainText(title: string, request: HttpRequest, error: unknown): string {
  const stack = error instanceof Error ? stackText(error) : scrubbed('', error)
  const rows = requestRows(request).map(([name, value]) => `${name}: ${value}`)
  return `${title}\n${messageOf(error)}\n\n${rows.join('\n')}\n\n${stack}\n\nYou see this because settings.debug is on.\n`
}

/** The page that takes the place of an application that does not run: what was thrown, where, and the source there. */
import { escapeHtml } from '../http/escape-html.ts'
import type { AppFailure, FailurePlace } from './app-failure.ts'

export interface FailurePage {
  readonly contentType: string
  readonly body: Buffer
}

/** As text for who does not ask for HTML. */
export function failurePage(failure: AppFailure, accept: string): FailurePage {
  return accept.includes('text/html')
    ? { contentType: 'text/html; charset=utf-8', body: Buffer.from(html(failure)) }
    : { contentType: 'text/plain; charset=utf-8', body: Buffer.from(text(failure)) }
}

function text({ name, message, stack, place }: AppFailure): string {
  const where = place ? `${place.file}:${place.line}\n\n${plainExcerpt(place)}\n\n` : ''
  return `${name}: ${message}\n\n${where}${stack}\n\n${FOOTER}\n`
}

function plainExcerpt({ excerpt, line }: FailurePlace): string {
  return excerpt
    .map(
      ({ number, text: source }) => `${number === line ? '>' : ' '} ${String(number).padStart(5)}  ${source}`,
    )
    .join('\n')
}

const FOOTER = 'portico dev shows this page. It goes away with the next change that mends it.'

function html({ name, message, stack, place }: AppFailure): string {
  const source = place
    ? `<h2><code>${escapeHtml(place.file)}</code> line ${place.line}</h2><pre class="source">${htmlExcerpt(place)}</pre>`
    : ''
  return (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="robots" content="none">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1">' +
    `<title>${escapeHtml(name)}</title><style>${STYLES}</style></head><body>` +
    `<header><h1>${escapeHtml(name)}</h1><pre class="message">${escapeHtml(message)}</pre></header><main>` +
    `${source}<h2>Stack</h2><pre>${escapeHtml(stack)}</pre></main><footer>${FOOTER}</footer></body></html>\n`
  )
}

function htmlExcerpt({ excerpt, line }: FailurePlace): string {
  return excerpt
    .map(({ number, text: source }) => {
      const row = `<span class="number">${number}</span>${escapeHtml(source)}`
      return number === line ? `<mark>${row}</mark>` : `<span>${row}</span>`
    })
    .join('')
}

const STYLES =
  ':root{color-scheme:light dark;--fg:#222;--bg:#fff;--soft:#f6f6f6;--bad:#fbe9e7;--edge:#e0b4ae;--mark:#ffe0dc}' +
  '@media(prefers-color-scheme:dark){:root{--fg:#ddd;--bg:#1b1b1b;--soft:#262626;--bad:#3a2320;--edge:#6d3a33;--mark:#5a2d27}}' +
  'body{font:16px/1.5 system-ui,sans-serif;margin:0;color:var(--fg);background:var(--bg)}' +
  'header{background:var(--bad);padding:1rem 1.5rem;border-bottom:1px solid var(--edge)}main,footer{padding:0 1.5rem}' +
  'h1{font-size:1.4rem;margin:0}h2{font-size:1.05rem;margin:1.5rem 0 .5rem;overflow-wrap:anywhere}' +
  'pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--soft);padding:.75rem;margin:0;font-size:.9rem}' +
  '.message{background:none;padding:.5rem 0 0;font-size:1.05rem}.source{padding:.5rem 0;overflow-x:auto;white-space:pre}' +
  '.source span,.source mark{display:block;color:inherit}.source mark{background:var(--mark);font-weight:600}' +
  '.source .number{display:inline-block;width:4rem;padding-right:1rem;text-align:right;opacity:.6;font-weight:400}' +
  'footer{margin:2rem 0;opacity:.7}'

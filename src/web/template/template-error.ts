import { escapeHtml } from './safe-string.ts'
import type { Token } from './token.ts'

/** Where a template's text came from. */
export interface Origin {
  /** For messages: a file's path, or `<unknown source>` for text that was not loaded. */
  readonly name: string
  /** The name it was asked for by; relative names inside of the template start from its folder. */
  readonly templateName: string | undefined
}

/** Where in a template an error arose, with the lines around it. All text in it is HTML-escaped. */
export interface TemplateDebug {
  readonly message: string
  readonly name: string
  /** 1-based. */
  readonly line: number
  readonly sourceLines: readonly (readonly [line: number, text: string])[]
  /** The line of the error in three parts: before, in and after the tag. */
  readonly before: string
  readonly during: string
  readonly after: string
  readonly top: number
  readonly bottom: number
  readonly total: number
  readonly start: number
  readonly end: number
}

/** A template that cannot be compiled, or whose tags were given what they cannot work with. */
export class TemplateSyntaxError extends Error {
  override readonly name: string = 'TemplateSyntaxError'
}

/** A name that no loader has a template for. */
export class TemplateDoesNotExist extends Error {
  override readonly name: string = 'TemplateDoesNotExist'
  readonly templateName: string
  /** The places that were looked at, and what was found wrong with each. */
  readonly tried: readonly (readonly [origin: string, status: string])[]

  constructor(templateName: string, tried: readonly (readonly [string, string])[] = []) {
    super(templateName)
    this.templateName = templateName
    this.tried = tried
  }
}

/** A variable, named as the argument of a filter, that the context does not have. */
export class VariableDoesNotExist extends Error {
  override readonly name: string = 'VariableDoesNotExist'
}

interface Source {
  readonly text: string
  readonly origin: Origin
}

const CONTEXT_LINES = 10
const places = new WeakMap<object, { readonly token: Token; readonly source: Source }>()

/**
 * Remembers the place of an error, the innermost one where there are several, and names it in the stack that logs
 * show: the message keeps Django's words.
 */
export function locate(error: unknown, token: Token | undefined, source: Source): unknown {
  if (!(error instanceof Error) || !token || places.has(error)) return error
  places.set(error, { token, source })
  if (error.stack) {
    const at = `    in template ${source.origin.name}, line ${token.line}`
    const head = `${error.name}: ${error.message}`
    const frames = error.stack.startsWith(head) ? error.stack.slice(head.length) : `\n${error.stack}`
    error.stack = `${head}\n${at}${frames}`
  }
  return error
}

/** The place of an error that came out of compiling or rendering a template. */
export function templateDebug(error: unknown): TemplateDebug | undefined {
  const place = typeof error === 'object' && error !== null ? places.get(error) : undefined
  if (!place || !(error instanceof Error)) return undefined
  return describe(error.message, place.token, place.source)
}

function describe(message: string, token: Token, source: Source): TemplateDebug {
  const lines = source.text.split('\n')
  const { line, start, end } = token
  const lineStart = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0)
  const lineEnd = lineStart + (lines[line - 1]?.length ?? 0)
  const top = Math.max(0, line - 1 - CONTEXT_LINES)
  const bottom = Math.min(lines.length, line + CONTEXT_LINES)
  return {
    message,
    name: source.origin.name,
    line,
    sourceLines: lines.slice(top, bottom).map((text, i) => [top + i + 1, escapeHtml(text)] as const),
    before: escapeHtml(source.text.slice(lineStart, start)),
    during: escapeHtml(source.text.slice(start, end)),
    after: escapeHtml(source.text.slice(end, Math.max(end, lineEnd))),
    top: top + 1,
    bottom,
    total: lines.length,
    start,
    end,
  }
}

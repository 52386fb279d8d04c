/** Why an application did not start, or what a request of it threw: what can be said of an error across threads. */
import { readTextFile } from '../io/files/text-file.ts'
import { stacksOf, valueText } from '../util/thrown-text.ts'

export interface AppFailure {
  /** `SyntaxError`, `EntryError` */
  readonly name: string
  readonly message: string
  readonly stack: string
  /** Where in the project it began; undefined where nothing names a place. */
  readonly place: FailurePlace | undefined
}

export interface FailurePlace {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** The source around it. */
  readonly excerpt: readonly SourceLine[]
}

export interface SourceLine {
  readonly number: number
  readonly text: string
}

/** Lines shown before and after the one that is meant. */
const CONTEXT_LINES = 6

/** `roots`: folders whose frames are of no interest; the project's own come first. */
export function failureOf(error: unknown, roots: readonly string[] = []): AppFailure {
  if (!(error instanceof Error)) {
    const text = valueText(error)
    return { name: 'Thrown', message: text, stack: text, place: undefined }
  }
  const [own = '', ...causes] = stacksOf(error)
  const stack = cutAt(own, roots)
  const cause = causes.map((text) => `\nCaused by ${text}`).join('')
  return {
    name: error.name,
    message: error.message,
    stack: stack + cause,
    place: placeOf(error.message, roots) ?? placeOf(stack, roots),
  }
}

/** Frames from our own ones down tell nothing of the project. */
function cutAt(stack: string, roots: readonly string[]): string {
  const lines = stack.split('\n')
  const own = lines.findIndex(
    (line) => line.startsWith('    at ') && roots.some((root) => line.includes(root)),
  )
  return lines.slice(0, own < 0 ? lines.length : own).join('\n')
}

const PLACE = /(?:file:\/\/)?(\/[^\s:()'"]+\.[a-z]{2,4}):([0-9]+)/g

/** The first file with a line that is the project's own. */
function placeOf(text: string, roots: readonly string[]): FailurePlace | undefined {
  for (const [, encoded = '', line = ''] of text.matchAll(PLACE)) {
    const file = decoded(encoded)
    if (file.includes('/node_modules/') || roots.some((root) => file.startsWith(root))) continue
    const source = readTextFile(file)
    if (source !== undefined) return { file, line: Number(line), excerpt: excerptOf(source, Number(line)) }
  }
  return undefined
}

function decoded(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

function excerptOf(source: string, line: number): SourceLine[] {
  const first = Math.max(1, line - CONTEXT_LINES)
  return source
    .split('\n')
    .slice(first - 1, line + CONTEXT_LINES)
    .map((text, index) => ({ number: first + index, text }))
}

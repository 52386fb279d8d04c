/**
 * Why a module could not be imported, at which line, and what to write instead. The runtime strips types and does
 * nothing else to a source: what needs a compiler, and what other bundlers resolve silently, comes up here first.
 *
 * Rules of this file: the runtime's own words stay in the message, so that they can be searched for.
 */
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isFile, readTextFile } from '../io/files/text-file.ts'
import { EntryError } from './entry-error.ts'

/** Part of the runtime's message, and what to write. */
const UNSUPPORTED: readonly (readonly [part: string, advice: string])[] = [
  [
    'enum',
    "write an object: const Color = { Red: 'red' } as const; type Color = (typeof Color)[keyof typeof Color]",
  ],
  ['namespace', 'write a module of its own, with exports'],
  ['module', 'write a module of its own, with exports'],
  [
    'parameter property',
    'declare the field and assign it: readonly #x: T; constructor(x: T) { this.#x = x }',
  ],
  ['import equals', "write: import fs from 'node:fs'"],
  ['export assignment', 'write: export default ...'],
  ['import alias', 'write a const or a type alias'],
]

const MAX_FRAMES = 5

interface Failure {
  readonly name: string
  readonly code: string | undefined
  readonly message: string
  readonly stack: string
  /** URL of the module that is missing. */
  readonly url: string | undefined
}

/**
 * `entry` is the path of the module that was imported; the failure may be one of a module that it imports. Frames
 * from `loaderUrl` down are left out.
 */
export function explainImportFailure(entry: string, error: unknown, loaderUrl: string): EntryError {
  if (!(error instanceof Error))
    return new EntryError(entry, `it threw ${describe(error)}, which is no Error`)
  const failure = failureOf(error, loaderUrl)
  switch (failure.code) {
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return explainUnsupported(entry, failure)
    case 'ERR_INVALID_TYPESCRIPT_SYNTAX':
      return explainInvalid(entry, failure)
    case 'ERR_MODULE_NOT_FOUND':
    case 'ERR_UNSUPPORTED_DIR_IMPORT':
      return explainNotFound(entry, failure)
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return explainExtension(entry, failure)
    default:
      return explainOther(entry, failure)
  }
}

function failureOf(error: Error, loaderUrl: string): Failure {
  const { code, url } = error as { code?: unknown; url?: unknown }
  return {
    name: error.name,
    code: typeof code === 'string' ? code : undefined,
    message: error.message,
    stack: cutAt(error.stack ?? '', loaderUrl),
    url: typeof url === 'string' ? url : undefined,
  }
}

function explainUnsupported(entry: string, failure: Failure): EntryError {
  const advice = UNSUPPORTED.find(([part]) => failure.message.includes(part))?.[1]
  const hint = advice ?? 'only types can be stripped; write what is plain JavaScript without them'
  return new EntryError(placeIn(failure.stack) ?? entry, `${failure.message}; ${hint}`)
}

function explainInvalid(entry: string, failure: Failure): EntryError {
  const source = codeFrame(failure.stack)
  const hint = /<\/|\/>|=>\s*<|return\s*\(?\s*</.test(source)
    ? 'JSX needs a compiler: build the file first, or use a template'
    : source.trim()
  return new EntryError(
    placeIn(failure.stack) ?? entry,
    `${failure.message}${hint === '' ? '' : `; ${hint}`}`,
  )
}

/** `Cannot find module '/a/b' imported from /a/c.ts`, `Cannot find package 'x' imported from /a/c.ts` */
function explainNotFound(entry: string, failure: Failure): EntryError {
  const importer = / imported from (.+)$/.exec(failure.message)?.[1] ?? entry
  const missing = failure.url === undefined ? undefined : fileURLToPath(failure.url)
  const wanted = missing ?? /'([^']+)'/.exec(failure.message)?.[1] ?? ''
  const found = findImport(importer, wanted, missing !== undefined)
  const place = found ? `${importer}:${found.line}` : importer
  if (missing === undefined) return new EntryError(place, packageAdvice(wanted))
  const specifier = found?.specifier ?? missing
  const better = neighbour(missing)
  const advice =
    better === undefined
      ? 'there is no such file'
      : `imports name the whole file; write "${renamed(specifier, missing, better)}"`
  return new EntryError(place, `cannot find "${specifier}": ${advice}`)
}

function packageAdvice(name: string): string {
  if (/^[@~]\//.test(name))
    return `cannot find "${name}": the runtime does not read "paths" of tsconfig.json; write a relative path, or "imports" in package.json`
  return `cannot find the package "${name}"; is it in package.json and installed?`
}

/** The line that imports `wanted`: a path that a relative specifier resolves to, or a package. */
function findImport(
  importer: string,
  wanted: string,
  isPath: boolean,
): { line: number; specifier: string } | undefined {
  const lines = (readTextFile(importer) ?? '').split('\n')
  for (const [index, text] of lines.entries()) {
    const specifier = /\b(?:from|import)\s*\(?\s*(['"])(.+?)\1/.exec(text)?.[2]
    if (specifier === undefined) continue
    const names = isPath ? resolve(dirname(importer), specifier) === wanted : isPartOf(specifier, wanted)
    if (names) return { line: index + 1, specifier }
  }
  return undefined
}

function isPartOf(specifier: string, packageName: string): boolean {
  return specifier === packageName || specifier.startsWith(`${packageName}/`)
}

/** The file that was probably meant by a path without, or with another, extension. */
function neighbour(path: string): string | undefined {
  const stem = path.replace(/\.[mc]?jsx?$/, '')
  const candidates = ['.ts', '.mts', '.js', '.mjs', '.cjs', '.tsx', '.json'].flatMap((extension) => [
    stem + extension,
    `${path}/index${extension}`,
  ])
  return candidates.find(isFile)
}

/** `specifier` with the end that leads to `better` instead of `missing`. */
function renamed(specifier: string, missing: string, better: string): string {
  let shared = 0
  while (shared < missing.length && missing[shared] === better[shared]) shared += 1
  const cut = specifier.length - (missing.length - shared)
  const slash = better[shared] === '/' && specifier.endsWith('/') ? 1 : 0
  return specifier.slice(0, cut) + better.slice(shared + slash)
}

/** `Unknown file extension ".tsx" for /a/b.tsx` */
function explainExtension(entry: string, failure: Failure): EntryError {
  const file = / for (.+)$/.exec(failure.message)?.[1] ?? entry
  const advice = /\.[jt]sx$/.test(file)
    ? 'JSX needs a compiler: build the file first, or write it without and name it .ts'
    : 'a module ends with .ts, .mts, .js or .mjs'
  return new EntryError(file, `${failure.message.replace(/ for .+$/, '')}; ${advice}`)
}

function explainOther(entry: string, failure: Failure): EntryError {
  const place = placeIn(failure.stack) ?? firstFrame(failure.stack) ?? entry
  const advice = adviceFor(failure)
  const hint = advice === undefined ? '' : `; ${advice}`
  return new EntryError(place, `${failure.name}: ${failure.message}${hint}`, ownFrames(failure.stack))
}

function adviceFor({ name, message, code }: Failure): string | undefined {
  if (/does not provide an export named/.test(message))
    return 'if that is a type, write `import type`; the runtime drops only what is marked as one'
  if (/^require is not defined/.test(message)) return "write: import ... from '...'"
  if (/^(module|exports) is not defined/.test(message)) return 'write: export const ... = ...'
  if (/^__(dirname|filename) is not defined/.test(message))
    return 'write: import.meta.dirname, import.meta.filename'
  if (code === 'ERR_IMPORT_ATTRIBUTE_MISSING')
    return "write: import data from './x.json' with { type: 'json' }"
  // V8 does not say where a module's syntax broke; decorators are the usual reason in a source that compiles elsewhere.
  if (name === 'SyntaxError' && /^Invalid or unexpected token/.test(message))
    return 'decorators need a compiler; `node --check FILE` shows the line'
  if (name === 'SyntaxError') return '`node --check FILE` shows the line'
  return undefined
}

/** The runtime puts `file:line` and a code frame before the message of a source that it cannot read. */
function placeIn(stack: string): string | undefined {
  const place = /^(?:file:\/\/)?(\/.+:[0-9]+)$/.exec(stack.split('\n', 1)[0] ?? '')?.[1]
  return place === undefined ? undefined : decodeURI(place)
}

/** The code frame's line above the carets. */
function codeFrame(stack: string): string {
  const lines = stack.split('\n')
  const carets = lines.findIndex((line) => /^\s*\^+\s*$/.test(line))
  return carets > 0 ? (lines[carets - 1] ?? '') : ''
}

function cutAt(stack: string, loaderUrl: string): string {
  const lines = stack.split('\n')
  const loader = lines.findIndex((line) => line.includes(loaderUrl))
  return lines.slice(0, loader < 0 ? lines.length : loader).join('\n')
}

function isOwnFrame(line: string): boolean {
  return /^ {4}at /.test(line) && line.includes('file://')
}

/** Frames in files, without the runtime's own. */
function ownFrames(stack: string): string {
  const frames = stack.split('\n').filter(isOwnFrame).slice(0, MAX_FRAMES)
  return frames.map((line) => line.replace('file://', '')).join('\n')
}

function firstFrame(stack: string): string | undefined {
  return /file:\/\/(\/.+?:[0-9]+):[0-9]+\)?$/.exec(stack.split('\n').find(isOwnFrame) ?? '')?.[1]
}

function describe(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

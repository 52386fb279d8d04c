/** Reads a conf with all that it includes into one tree. File access comes from outside: see `ConfigSource`. */
import type { Statement, Word } from './ast.ts'
import { ConfigError } from './config-error.ts'
import { type Budget, COMMAND_LINE, type Parsed, parseConfig } from './parser.ts'
import { nginxPath, dirname } from './path.ts'
import { strerror } from '../util/strerror.ts'

/** What loading needs of a file system. Paths and texts are Latin-1: one code unit per byte. */
export interface ConfigSource {
  /** @throws an error with `code` (and `errno`) as Node's file system gives them. */
  read(path: string): string
  /** Paths that match a pattern of glob(3), in any order; none is no error. */
  glob(pattern: string): string[]
}

export interface ConfigFile {
  readonly path: string
  readonly text: string
}

export interface LoadedConfig {
  /** Plain JSON. Faults after the first file was opened stand in it as `error` statements: binding reports them. */
  readonly statements: readonly Statement[]
  /** Every file once, in the order of opening: what `-T` prints. */
  readonly files: readonly ConfigFile[]
}

export interface LoadOptions {
  /** Directives of `-g`: they stand before the file's. */
  readonly globals?: string
}

/** Bytes of all files of a conf, each as often as it is included. */
const MAX_BYTES = 64 * 1024 * 1024

/** Files open at once through `include`; nginx ends at its descriptor limit. */
const MAX_INCLUDE_DEPTH = 64

/** `include` statements' files of one conf; includes of includes grow as powers do. */
const MAX_INCLUDES = 100_000

/** @throws ConfigError without a place when `path` itself cannot be read. */
export function loadConfig(path: string, source: ConfigSource, options: LoadOptions = {}): LoadedConfig {
  return new ConfigLoader(path, source).load(path, options.globals ?? '')
}

class ConfigLoader {
  readonly #source: ConfigSource
  readonly #folder: string
  readonly #texts = new Map<string, string>()
  readonly #open: string[] = []
  readonly #budget: Budget = { statements: 0 }
  #bytes = 0
  #includes = 0

  constructor(path: string, source: ConfigSource) {
    this.#source = source
    this.#folder = dirname(path)
  }

  load(path: string, globals: string): LoadedConfig {
    const given = this.#parse(COMMAND_LINE, globals, 0)
    const main = given.failed ? [] : this.#main(path)
    const files = Array.from(this.#texts, ([file, text]) => ({ path: file, text }))
    return { statements: [...given.statements, ...main], files }
  }

  #main(path: string): readonly Statement[] {
    const text = this.#read(path)
    if (text instanceof ConfigError) throw text
    return this.#parseFile(path, text, { file: path, line: 1 }, 0).statements
  }

  #parse(file: string, text: string, depth: number): Parsed {
    return parseConfig(text, {
      file,
      depth,
      budget: this.#budget,
      include: (args, line, inner) => this.#include(args, { file, line }, inner),
    })
  }

  #parseFile(path: string, text: string, at: Place, depth: number): Parsed {
    this.#bytes += text.length
    if (this.#bytes > MAX_BYTES) return fault(`configuration is larger than ${MAX_BYTES} bytes`, at)
    this.#open.push(path)
    try {
      return this.#parse(path, text, depth)
    } finally {
      this.#open.pop()
    }
  }

  #include(args: readonly Word[], at: Place, depth: number): Parsed {
    const pattern = nginxPath(this.#folder, args[0]?.text ?? '')
    if (!/[*?[]/.test(pattern)) return this.#includeFile(pattern, at, depth)
    const statements: Statement[] = []
    // byte order, which is what glob(3) gives in the C locale
    for (const path of this.#source.glob(pattern).toSorted(byCodeUnits)) {
      const parsed = this.#includeFile(path, at, depth)
      for (const statement of parsed.statements) statements.push(statement)
      if (parsed.failed) return { statements, failed: true }
    }
    return { statements, failed: false }
  }

  #includeFile(path: string, at: Place, depth: number): Parsed {
    if (this.#open.includes(path)) {
      const chain = [...this.#open.slice(this.#open.indexOf(path)), path]
      return fault(`include loop: ${chain.map((file) => `"${file}"`).join(' includes ')}`, at)
    }
    if (this.#open.length >= MAX_INCLUDE_DEPTH) return fault('files are included too deeply', at)
    if (++this.#includes > MAX_INCLUDES) return fault(`more than ${MAX_INCLUDES} files are included`, at)
    const text = this.#read(path)
    if (text instanceof ConfigError) return fault(text.message, at)
    return this.#parseFile(path, text, at, depth)
  }

  #read(path: string): string | ConfigError {
    const known = this.#texts.get(path)
    if (known !== undefined) return known
    try {
      const text = this.#source.read(path)
      this.#texts.set(path, text)
      return text
    } catch (error) {
      // a folder can be opened, and fails at the first read
      const call = error instanceof Error && 'code' in error && error.code === 'EISDIR' ? 'pread' : 'open'
      return new ConfigError(`${call}() "${path}" failed (${strerror(error)})`)
    }
  }
}

interface Place {
  readonly file: string
  readonly line: number
}

function fault(error: string, at: Place): Parsed {
  return { statements: [{ name: '', args: [], file: at.file, line: at.line, error }], failed: true }
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

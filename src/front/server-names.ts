/**
 * Chooses a server by name: exact, then the longest `*.suffix`, then the longest `prefix.*`, then the first regular
 * expression, else the default (nginx, "Server names"). Names are lower-case without port and trailing dot.
 */
import type { Pcre, PcreMatch } from '../config/pcre.ts'
import type { AssignNames } from './captures.ts'
import type { Server } from './server-config.ts'

export interface NameRegex {
  readonly regex: Pcre
  readonly server: Server
  /** Assigns the named groups of a match. */
  readonly assign: AssignNames | undefined
}

export interface NameTables {
  readonly exact: ReadonlyMap<string, Server>
  /** Key without the leading `*`: `.example.com`. */
  readonly suffixes: ReadonlyMap<string, Server>
  /** Key without the trailing `*`: `www.`. */
  readonly prefixes: ReadonlyMap<string, Server>
  readonly regexes: readonly NameRegex[]
}

export interface NameMatch {
  readonly server: Server
  readonly captures: PcreMatch | undefined
  readonly assign?: AssignNames | undefined
}

export class ServerNames {
  readonly #tables: NameTables
  readonly #default: NameMatch
  readonly #single: boolean

  constructor(tables: NameTables, defaultServer: Server) {
    this.#tables = tables
    this.#default = { server: defaultServer, captures: undefined }
    this.#single =
      tables.exact.size + tables.suffixes.size + tables.prefixes.size + tables.regexes.length === 0
  }

  find(host: string): NameMatch {
    if (this.#single) return this.#default
    const { exact, suffixes, prefixes, regexes } = this.#tables
    const server = exact.get(host) ?? longestSuffix(suffixes, host) ?? longestPrefix(prefixes, host)
    if (server) return { server, captures: undefined }
    for (const { regex, server: named, assign } of regexes) {
      const captures = regex.exec(host)
      if (captures) return { server: named, captures, assign }
    }
    return this.#default
  }

  /** Undefined where no name of a server matches. */
  match(host: string): NameMatch | undefined {
    const found = this.find(host)
    return found === this.#default ? undefined : found
  }
}

function longestSuffix(suffixes: ReadonlyMap<string, Server>, host: string): Server | undefined {
  if (suffixes.size === 0) return undefined
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    const server = dot > 0 ? suffixes.get(host.slice(dot)) : undefined
    if (server) return server
  }
  return undefined
}

function longestPrefix(prefixes: ReadonlyMap<string, Server>, host: string): Server | undefined {
  if (prefixes.size === 0) return undefined
  for (let dot = host.lastIndexOf('.'); dot > 0; dot = host.lastIndexOf('.', dot - 1)) {
    const server = prefixes.get(host.slice(0, dot + 1))
    if (server && dot + 1 < host.length) return server
  }
  return undefined
}

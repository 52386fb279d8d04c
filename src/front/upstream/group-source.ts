/** Where the groups of peers come from while a conf is compiled. */
import type { Statement } from '../../config/ast.ts'
import type { ScopeResolver } from './resolver-directives.ts'
import type { PeerGroup } from './peer-group.ts'

export interface GroupSource {
  /** An `upstream { }` by its name. */
  named(name: string): PeerGroup | undefined
  /** The workers of an `app { }`. */
  app(name: string): PeerGroup | undefined
  /** Where workers of an `app { }` take requests that ask for another protocol, over HTTP; undefined for nowhere. */
  appUpgrades(name: string): PeerGroup | undefined
  /** A group of one peer for an address written in a `*_pass`. @throws ConfigError for what is no address. */
  address(text: string, at: Statement, defaultPort?: number): PeerGroup
  /**
   * The same for an address that variables made: a name is asked for while the request waits. @throws ConfigError
   */
  evaluated(text: string, at: Statement, resolver: ScopeResolver, defaultPort?: number): PeerGroup
}

/**
 * Stands between what the compiler makes and what runs it, so that `portico explain` sees a request go its way through
 * the matchers and handlers that the server itself uses, and that `portico dev` puts other handlers in the place of some.
 * Without an observer nothing is wrapped.
 */
import type { Statement } from '../../config/ast.ts'
import type { Scope } from '../../config/scope.ts'
import type { LocationTable, PrefixLocation, RegexLocation } from '../location-table.ts'
import type { Outcome } from '../outcome.ts'
import type { Request } from '../request.ts'
import type { Location, PhaseHandler, Server } from '../server-config.ts'
import type { NameTables, ServerNames } from '../server-names.ts'
import type { UpstreamSettings } from '../upstream/upstream-settings.ts'

/** Which handler it is. `place` is `file:line` of the statement that asked for it, '' where none did. */
export interface HandlerOrigin {
  readonly phase: string
  readonly module: string
  readonly place: string
}

export interface CompileObserver {
  /** A matcher of server names that tells what it found. */
  serverNames(tables: NameTables, defaultServer: Server): ServerNames
  /** A matcher of locations that tells what it found. */
  locationTable(
    exact: ReadonlyMap<string, Location>,
    prefixes: readonly PrefixLocation[],
    regexes: readonly RegexLocation[],
  ): LocationTable
  /** One handler of a phase. */
  handler(handler: PhaseHandler, origin: HandlerOrigin): PhaseHandler
  /** One `proxy_pass`, for who sends its requests by other means (`portico dev`). */
  proxyPass?(handler: PhaseHandler, settings: UpstreamSettings): PhaseHandler
  /** One statement of the rewrite module. */
  step(step: (request: Request) => Outcome, statement: Statement): (request: Request) => Outcome
  /** A location (or the server outside all of them) and the block that it was made from. */
  location(location: Location, scope: Scope): void
}

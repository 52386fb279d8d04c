/** What a file in modules/ gives: rows for the directive table and handlers for phases. */
import type { AnyDirective } from '../config/directive.ts'
import type { ComplexValue } from '../config/complex-value.ts'
import type { Scope } from '../config/scope.ts'
import type { Statement } from '../config/ast.ts'
import type { LogDestinations } from '../io/log-destination.ts'
import type { Location, PhaseHandler } from './server-config.ts'
import type { GroupSource } from './upstream/group-source.ts'
import type { Value } from './value.ts'
import type { VariableTable } from './variable-table.ts'

/** Phases in which a location's handlers run, in order. */
export const LOCATION_PHASES = ['rewrite', 'preaccess', 'access', 'precontent', 'content'] as const
export type LocationPhase = (typeof LOCATION_PHASES)[number]

/** What compiling a scope may need. */
export interface CompileContext {
  readonly variables: VariableTable
  readonly logs: LogDestinations
  readonly upstreams: GroupSource
  /** Where errors go that no `error_log` claims: absolute path or `stderr`. */
  readonly defaultErrorLog: string
  /** Folder of `-p`, absolute. */
  readonly prefix: string
  /** Compiles a value; a fault names the statement. */
  value(value: ComplexValue | string, at: Statement): Value
  /** Adds a warning that is printed at start. */
  warn(message: string, at: Statement): void
  /** @throws ConfigError in nginx's form. */
  fail(message: string, at: Statement): never
}

/** What of a location is known before its handlers are compiled. */
export type LocationShape = Pick<Location, 'kind' | 'prefix' | 'label'>

/** Makes the handler of a scope for a phase, or undefined when the module has nothing to do there. */
export type CompileHandler = (
  scope: Scope,
  context: CompileContext,
  location: LocationShape,
) => PhaseHandler | undefined

export interface FrontModule {
  readonly name: string
  readonly directives: readonly AnyDirective[]
  /** In `server`, before a location is looked for. */
  readonly serverRewrite?: CompileHandler
  readonly phases?: Partial<Record<LocationPhase, CompileHandler>>
  /** A handler that answers every request of the location (`fastcgi_pass`), so that no file is looked for. */
  readonly exclusiveContent?: CompileHandler
}

/** What a file in modules/ gives: rows for the directive table and handlers for phases. */
import type { AnyDirective } from '../config/directive.ts'
import type { ComplexValue } from '../config/complex-value.ts'
import type { Scope } from '../config/scope.ts'
import type { Statement } from '../config/ast.ts'
import type { ConfFiles } from '../io/files/conf-files.ts'
import type { LogDestinations } from '../io/log-destination.ts'
import type { Location, LocationSettings, PhaseHandler } from './server-config.ts'
import type { ResponseFilter } from './response-output.ts'
import type { CompileObserver } from './compile/compile-observer.ts'
import type { GroupSource } from './upstream/group-source.ts'
import type { Value } from './value.ts'
import type { VariableTable } from './variable-table.ts'
import type { Zones } from './zones/zones.ts'

/** Phases in which a location's handlers run, in order. */
export const LOCATION_PHASES = ['rewrite', 'preaccess', 'access', 'precontent', 'content'] as const
export type LocationPhase = (typeof LOCATION_PHASES)[number]

/** What compiling a scope may need. */
export interface CompileContext {
  readonly variables: VariableTable
  readonly logs: LogDestinations
  readonly upstreams: GroupSource
  /** Files that are read with the conf: certificates and keys. */
  readonly files: ConfFiles
  /** What all workers share: `limit_req_zone`, `ssl_session_cache shared:`, `zone` of an upstream. */
  readonly zones: Zones
  /** Where errors go that no `error_log` claims: absolute path or `stderr`. */
  readonly defaultErrorLog: string
  /** Folder of `-p`, absolute. */
  readonly prefix: string
  /** Folder of the main conf file. */
  readonly confFolder: string
  /** Who looks on; undefined in a server. */
  readonly observer: CompileObserver | undefined
  /** Compiles a value; a fault names the statement. */
  value(value: ComplexValue | string, at: Statement): Value
  /** Adds a warning that is printed at start. */
  warn(message: string, at: Statement): void
  /** @throws ConfigError in nginx's form. */
  fail(message: string, at: Statement): never
}

/** What of a location is known before its handlers are compiled. */
export interface LocationShape extends Pick<Location, 'kind' | 'prefix' | 'label'> {
  /** Locations that `if` blocks of the scope go to, by the block's scope. */
  readonly conditional: ReadonlyMap<Scope, Location>
}

/** Makes the handler of a scope for a phase, or undefined when the module has nothing to do there. */
export type CompileHandler = (
  scope: Scope,
  context: CompileContext,
  location: LocationShape,
) => PhaseHandler | undefined

export interface FrontModule {
  readonly name: string
  readonly directives: readonly AnyDirective[]
  /**
   * Names the variables that the conf itself makes, before any value is compiled. `http` is the outermost scope. What
   * it gives back is called when all names are known, and compiles their values.
   */
  readonly declare?: (http: Scope, context: CompileContext) => (() => void) | undefined
  /** Sees every scope with settings: what variables of the location need is kept by these settings. */
  readonly remember?: (scope: Scope, context: CompileContext, settings: LocationSettings) => void
  /** In `server`, before everything else (nginx's post-read phase). */
  readonly postRead?: CompileHandler
  /** In `server`, before a location is looked for. */
  readonly serverRewrite?: CompileHandler
  readonly phases?: Partial<Record<LocationPhase, CompileHandler>>
  /** A handler that answers every request of the location (`fastcgi_pass`), so that no file is looked for. */
  readonly exclusiveContent?: CompileHandler
  /** Sees responses of the scope before their heads are made. Run in the order of the modules. */
  readonly filter?: (
    scope: Scope,
    context: CompileContext,
    location: LocationShape,
  ) => ResponseFilter | undefined
}

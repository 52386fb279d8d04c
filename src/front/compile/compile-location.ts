/** From `location` scopes to locations with their handlers, and to the tables that find them. */
import type { Scope } from '../../config/scope.ts'
import type { Statement } from '../../config/ast.ts'
import * as core from '../core-directives.ts'
import type { AnyDirective } from '../../config/directive.ts'
import {
  LOCATION_PHASES,
  type CompileContext,
  type FrontModule,
  type LocationPhase,
  type LocationShape,
} from '../front-module.ts'
import type { LocationMatcher } from '../location-matcher.ts'
import { LocationTable, type PrefixLocation, type RegexLocation } from '../location-table.ts'
import type { ResponseFilter } from '../response-output.ts'
import type { LimitExcept, Location, LocationSettings, PhaseHandler } from '../server-config.ts'
import { accessPhase } from '../access-phase.ts'
import { namedGroups } from '../captures.ts'
import { rememberScriptNames } from '../modules/cgi-pass.ts'
import { frontModules } from './front-modules.ts'

export type SettingsOf = (scope: Scope) => LocationSettings

/** Locations of one level, and the named ones, which belong to the server. */
export interface CompiledLocations {
  readonly table: LocationTable
  readonly named: ReadonlyMap<string, Location>
}

/** Where a matcher of an outer location must lead the inner one. */
interface Outer {
  readonly label: string
  readonly matcher: LocationMatcher
}

export function compileLocations(
  scope: Scope,
  context: CompileContext,
  settingsOf: SettingsOf,
  outer?: Outer,
): CompiledLocations {
  const exact = new Map<string, Location>()
  const prefixes: PrefixLocation[] = []
  const regexes: RegexLocation[] = []
  const named = new Map<string, Location>()
  const seen = new Set<string>()
  for (const { value: matcher, scope: inner, statement } of scope.blocks(core.location)) {
    checkNesting(matcher, outer, context, statement)
    const location = compileLocation(inner, matcher, context, settingsOf, statement)
    if (matcher.kind !== 'regex') {
      const key = `${matcher.kind} ${matcher.text}`
      if (seen.has(key)) context.fail(`duplicate location "${matcher.text}"`, statement)
      seen.add(key)
    }
    switch (matcher.kind) {
      case 'exact':
        exact.set(matcher.text, location)
        break
      case 'prefix':
        prefixes.push({ prefix: matcher.text, location, final: matcher.final })
        break
      case 'regex':
        regexes.push({
          regex: matcher.regex,
          location,
          assign: namedGroups(matcher.regex, context.variables),
        })
        break
      case 'named':
        named.set(matcher.text, location)
    }
  }
  const table =
    context.observer?.locationTable(exact, prefixes, regexes) ?? new LocationTable(exact, prefixes, regexes)
  return { table, named }
}

/** nginx's rules for what may stand inside what. */
function checkNesting(
  matcher: LocationMatcher,
  outer: Outer | undefined,
  context: CompileContext,
  at: Statement,
): void {
  if (!outer) return
  const { matcher: around, label } = outer
  if (around.kind === 'exact')
    context.fail(`location "${matcher.text}" cannot be inside the exact location "${label}"`, at)
  if (around.kind === 'named')
    context.fail(`location "${matcher.text}" cannot be inside the named location "${label}"`, at)
  if (matcher.kind === 'named')
    context.fail(`named location "${matcher.text}" can be on the server level only`, at)
  const inside = matcher.kind === 'regex' || matcher.text.startsWith(around.text)
  if (!inside) context.fail(`location "${matcher.text}" is outside location "${label}"`, at)
}

function labelOf(matcher: LocationMatcher): string {
  switch (matcher.kind) {
    case 'exact':
      return `= ${matcher.text}`
    case 'regex':
      return `${matcher.caseless ? '~*' : '~'} ${matcher.text}`
    case 'prefix':
      return matcher.final ? `^~ ${matcher.text}` : matcher.text
    case 'named':
      return matcher.text
  }
}

function compileLocation(
  scope: Scope,
  matcher: LocationMatcher,
  context: CompileContext,
  settingsOf: SettingsOf,
  statement: Statement,
): Location {
  const settings = settingsOf(scope)
  rememberScriptNames(scope, context, settings)
  const base = {
    kind: matcher.kind,
    prefix: matcher.kind === 'regex' ? '' : matcher.text,
    label: labelOf(matcher),
    conditional: NO_BLOCKS,
  }
  const shape: LocationShape = { ...base, conditional: compileConditional(scope, context, settingsOf, base) }
  if (missesSlash(matcher, settings) && settings.root.constant !== undefined)
    context.warn(
      `alias "${settings.root.constant}" ends with a slash, its location "${matcher.text}" does not`,
      statement,
    )
  const { handlers, rewriteEnd, exclusive } = compileHandlers(scope, context, shape)
  const nested = scope.blocks(core.location).length > 0
  const location: Location = {
    ...shape,
    internal: scope.own(core.internal) ?? false,
    settings,
    handlers,
    filters: compileFilters(scope, context, shape),
    limitExcept: compileLimitExcept(scope, context, settingsOf, shape, exclusive),
    rewriteEnd,
    locations: nested
      ? compileLocations(scope, context, settingsOf, { label: matcher.text, matcher }).table
      : undefined,
    aliasClimbs: missesSlash(matcher, settings),
    autoRedirect: exclusive !== undefined && matcher.kind === 'prefix' && matcher.text.endsWith('/'),
    place: `${statement.file}:${statement.line}`,
  }
  context.observer?.location(location, scope)
  return location
}

function missesSlash({ kind, text }: LocationMatcher, { alias, root }: LocationSettings): boolean {
  return kind === 'prefix' && alias && !text.endsWith('/') && root.constant?.endsWith('/') !== false
}

const NO_BLOCKS: ReadonlyMap<Scope, Location> = new Map()

/** A block inside a location that takes requests over (`if`, `limit_except`): its content is the location's own. */
function compileTakeover(
  scope: Scope,
  context: CompileContext,
  settingsOf: SettingsOf,
  outer: Pick<LocationShape, 'kind' | 'prefix' | 'label'>,
  content: PhaseHandler | undefined,
): Location {
  const settings = settingsOf(scope)
  rememberScriptNames(scope, context, settings)
  const shape: LocationShape = { ...outer, conditional: NO_BLOCKS }
  const { handlers, rewriteEnd } = compileHandlers(scope, context, shape, content)
  const location: Location = {
    ...shape,
    internal: false,
    settings,
    handlers: handlers.slice(rewriteEnd),
    filters: compileFilters(scope, context, shape),
    limitExcept: undefined,
    rewriteEnd: 0,
    locations: undefined,
    aliasClimbs: false,
    autoRedirect: false,
    place: scope.statement ? `${scope.statement.file}:${scope.statement.line}` : '',
  }
  context.observer?.location(location, scope)
  return location
}

function compileConditional(
  scope: Scope,
  context: CompileContext,
  settingsOf: SettingsOf,
  outer: Pick<LocationShape, 'kind' | 'prefix' | 'label'>,
): ReadonlyMap<Scope, Location> {
  const inner = scope.bound.flatMap((bound) => (bound.scope?.context === 'location if' ? [bound.scope] : []))
  if (inner.length === 0) return NO_BLOCKS
  const content = exclusiveContent(scope, context, { ...outer, conditional: NO_BLOCKS })
  return new Map(inner.map((block) => [block, compileTakeover(block, context, settingsOf, outer, content)]))
}

function compileLimitExcept(
  scope: Scope,
  context: CompileContext,
  settingsOf: SettingsOf,
  outer: LocationShape,
  content: PhaseHandler | undefined,
): LimitExcept | undefined {
  const [block] = scope.blocks(core.limitExcept)
  if (!block) return undefined
  return { allowed: block.value, location: compileTakeover(block.scope, context, settingsOf, outer, content) }
}

function compileFilters(scope: Scope, context: CompileContext, shape: LocationShape): ResponseFilter[] {
  return frontModules.flatMap((module) => module.filter?.(scope, context, shape) ?? [])
}

/** The server's own scope as a location: what answers when no location matches. */
export function compileOuter(
  scope: Scope,
  context: CompileContext,
  settings: LocationSettings,
  place: string,
): Location {
  const shape: LocationShape = { kind: 'server', prefix: '', label: 'server', conditional: NO_BLOCKS }
  const { handlers } = compileHandlers(scope, context, shape)
  const location: Location = {
    ...shape,
    internal: false,
    settings,
    handlers,
    filters: compileFilters(scope, context, shape),
    limitExcept: undefined,
    rewriteEnd: 0,
    locations: undefined,
    aliasClimbs: false,
    autoRedirect: false,
    place,
  }
  context.observer?.location(location, scope)
  return location
}

interface CompiledHandlers {
  readonly handlers: readonly PhaseHandler[]
  readonly rewriteEnd: number
  /** The handler of a `*_pass`, which answers everything. */
  readonly exclusive: PhaseHandler | undefined
}

function exclusiveContent(
  scope: Scope,
  context: CompileContext,
  shape: LocationShape,
): PhaseHandler | undefined {
  for (const module of frontModules) {
    const handler = module.exclusiveContent?.(scope, context, shape)
    if (handler) return observed(handler, 'content', module, scope, context)
  }
  return undefined
}

function phaseHandlers(
  phase: LocationPhase,
  scope: Scope,
  context: CompileContext,
  shape: LocationShape,
): PhaseHandler[] {
  return frontModules.flatMap((module) => {
    const handler = module.phases?.[phase]?.(scope, context, shape)
    return handler ? [observed(handler, phase, module, scope, context)] : []
  })
}

/** The handler as whoever looks on wants it. */
export function observed(
  handler: PhaseHandler,
  phase: string,
  module: FrontModule,
  scope: Scope,
  { observer }: CompileContext,
): PhaseHandler {
  if (!observer) return handler
  const at = module.directives.map((directive) => lastStatement(scope, directive)).find((found) => found)
  return observer.handler(handler, { phase, module: module.name, place: at ? `${at.file}:${at.line}` : '' })
}

function lastStatement(scope: Scope, directive: AnyDirective): Statement | undefined {
  if (directive.kind === 'list') return scope.findList(directive)[0]?.statement
  return directive.kind === 'single' ? scope.find(directive)?.statement : undefined
}

function compileHandlers(
  scope: Scope,
  context: CompileContext,
  shape: LocationShape,
  inherited?: PhaseHandler,
): CompiledHandlers {
  const exclusive = exclusiveContent(scope, context, shape) ?? inherited
  const handlers: PhaseHandler[] = []
  let rewriteEnd = 0
  for (const phase of LOCATION_PHASES) {
    if (phase === 'content' && exclusive) handlers.push(exclusive)
    else if (phase !== 'rewrite' || shape.kind !== 'server') {
      const own = phaseHandlers(phase, scope, context, shape)
      if (phase === 'access')
        handlers.push(...accessPhase(own, scope.get(core.satisfy), scope.get(core.authDelay)))
      else handlers.push(...own)
    }
    if (phase === 'rewrite') rewriteEnd = handlers.length
  }
  return { handlers, rewriteEnd, exclusive }
}

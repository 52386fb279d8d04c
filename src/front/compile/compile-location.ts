/** From `location` scopes to locations with their handlers, and to the tables that find them. */
import type { Scope } from '../../config/scope.ts'
import type { Statement } from '../../config/ast.ts'
import * as core from '../core-directives.ts'
import { LOCATION_PHASES, type CompileContext, type LocationShape } from '../front-module.ts'
import type { LocationMatcher } from '../location-matcher.ts'
import { LocationTable, type PrefixLocation, type RegexLocation } from '../location-table.ts'
import type { Location, LocationSettings, PhaseHandler } from '../server-config.ts'
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
        regexes.push({ regex: matcher.regex, location })
        break
      case 'named':
        named.set(matcher.text, location)
    }
  }
  return { table: new LocationTable(exact, prefixes, regexes), named }
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
  const shape: LocationShape = {
    kind: matcher.kind,
    prefix: matcher.kind === 'regex' ? '' : matcher.text,
    label: labelOf(matcher),
  }
  if (missesSlash(matcher, settings) && settings.root.constant !== undefined)
    context.warn(
      `alias "${settings.root.constant}" ends with a slash, its location "${matcher.text}" does not`,
      statement,
    )
  const { handlers, rewriteEnd, exclusive } = compileHandlers(scope, context, shape)
  const nested = scope.blocks(core.location).length > 0
  return {
    ...shape,
    internal: scope.own(core.internal) ?? false,
    settings,
    handlers,
    rewriteEnd,
    locations: nested
      ? compileLocations(scope, context, settingsOf, { label: matcher.text, matcher }).table
      : undefined,
    aliasClimbs: missesSlash(matcher, settings),
    autoRedirect: exclusive && matcher.kind === 'prefix' && matcher.text.endsWith('/'),
    place: `${statement.file}:${statement.line}`,
  }
}

function missesSlash({ kind, text }: LocationMatcher, { alias, root }: LocationSettings): boolean {
  return kind === 'prefix' && alias && !text.endsWith('/') && root.constant?.endsWith('/') !== false
}

/** The server's own scope as a location: what answers when no location matches. */
export function compileOuter(
  scope: Scope,
  context: CompileContext,
  settings: LocationSettings,
  place: string,
): Location {
  const shape: LocationShape = { kind: 'server', prefix: '', label: 'server' }
  const { handlers } = compileHandlers(scope, context, shape)
  return {
    ...shape,
    internal: false,
    settings,
    handlers,
    rewriteEnd: 0,
    locations: undefined,
    aliasClimbs: false,
    autoRedirect: false,
    place,
  }
}

interface CompiledHandlers {
  readonly handlers: readonly PhaseHandler[]
  readonly rewriteEnd: number
  /** Whether a `*_pass` answers everything. */
  readonly exclusive: boolean
}

function compileHandlers(scope: Scope, context: CompileContext, shape: LocationShape): CompiledHandlers {
  const exclusive = frontModules
    .map((module) => module.exclusiveContent?.(scope, context, shape))
    .find((handler) => handler)
  const handlers: PhaseHandler[] = []
  let rewriteEnd = 0
  for (const phase of LOCATION_PHASES) {
    if (phase === 'content' && exclusive) handlers.push(exclusive)
    else if (phase !== 'rewrite' || shape.kind !== 'server') {
      for (const module of frontModules) {
        const handler = module.phases?.[phase]?.(scope, context, shape)
        if (handler) handlers.push(handler)
      }
    }
    if (phase === 'rewrite') rewriteEnd = handlers.length
  }
  return { handlers, rewriteEnd, exclusive: exclusive !== undefined }
}

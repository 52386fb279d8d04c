/** Looks on while one request runs through the server's own matchers and handlers, and writes down what they did. */
import type { Statement } from '../../config/ast.ts'
import type { Scope } from '../../config/scope.ts'
import type { CompileObserver, HandlerOrigin } from '../../front/compile/compile-observer.ts'
import {
  LocationTable,
  type LocationMatch,
  type PrefixLocation,
  type RegexLocation,
} from '../../front/location-table.ts'
import { ALLOWED, DONE, NAMED, NEXT, RELOCATE, type Outcome } from '../../front/outcome.ts'
import type { Request } from '../../front/request.ts'
import type { Location, PhaseHandler, Server } from '../../front/server-config.ts'
import { ServerNames, type NameMatch, type NameTables } from '../../front/server-names.ts'
import { FileCache, type FileLookup } from '../../io/files/file-cache.ts'
import type { TraceEvent } from './trace.ts'
import { losers, taken, whyTaken, type Level } from './why-location.ts'
import { whyServer } from './why-server.ts'

/** Phases whose handlers are named although they let the request pass: who may come in is of interest. */
const GUARDS = new Set(['access', 'preaccess'])

export class TraceObserver implements CompileObserver {
  readonly events: TraceEvent[] = []
  /** The client's own request, once it is known. */
  request: Request | undefined
  readonly #scopes = new Map<Location, Scope>()
  /** Where the last event put the request. */
  #location: Location | undefined

  serverNames(tables: NameTables, defaultServer: Server): ServerNames {
    return new TracedNames(tables, defaultServer, (host, { server }) => {
      const { why, losers: others } = whyServer(tables, defaultServer, server, host)
      const label = server.name === '' ? '""' : server.name
      const before = this.events.at(-1)
      // asked twice over TLS: for the name of the handshake, then for Host
      if (before?.kind === 'server' && before.host === host) return
      this.events.push({ kind: 'server', host, label, place: server.place, why, losers: others })
    })
  }

  locationTable(
    exact: ReadonlyMap<string, Location>,
    prefixes: readonly PrefixLocation[],
    regexes: readonly RegexLocation[],
  ): LocationTable {
    const level = { exact, prefixes, regexes }
    return new TracedLocations(level, (path, find) => this.#lookUp(level, path, find))
  }

  /** The level's own event comes before those of the levels inside it. */
  #lookUp(level: Level, path: string, find: () => LocationMatch): LocationMatch {
    const at = this.events.length
    const match = find()
    const inner = this.events.splice(at)
    const own = taken(level, match, contains)
    const event = {
      kind: 'location',
      uri: path,
      place: own?.place ?? '',
      losers: losers(level, own, path),
    } as const
    if (own) this.events.push({ ...event, label: own.label, why: whyTaken(level, own) })
    else if (match.autoRedirect)
      this.events.push({ ...event, label: 'none', why: `"${path}/" is a location: the client is sent there` })
    else this.events.push({ ...event, label: 'none', why: 'no location matches' })
    // what was looked for inside a location that lost is of no interest
    if (own && own !== match.location) this.events.push(...inner)
    this.#location = match.location
    return match
  }

  location(location: Location, scope: Scope): void {
    this.#scopes.set(location, scope)
  }

  /** The block that a location was made from. */
  scopeOf(location: Location): Scope | undefined {
    return this.#scopes.get(location)
  }

  handler(handler: PhaseHandler, origin: HandlerOrigin): PhaseHandler {
    return (request) => {
      this.#enter(request)
      const outcome = handler(request)
      if (typeof outcome === 'number') this.#outcome(origin, outcome, request)
      else void outcome.then((late) => this.#outcome(origin, late, request), noop)
      return outcome
    }
  }

  #enter(request: Request): void {
    if (request.parent === undefined) this.request = request
    const { location } = request
    if (location === this.#location || location.kind === 'server') return
    this.#location = location
    const label = location.kind === 'if' ? `if inside ${location.label}` : location.label
    this.events.push({ kind: 'enter', label, place: location.place })
  }

  #outcome({ phase, module, place }: HandlerOrigin, outcome: Outcome, request: Request): void {
    const passes = outcome === NEXT || outcome === ALLOWED
    // statements of the rewrite module tell more themselves
    if (module === 'rewrite' || (passes && (!GUARDS.has(phase) || place === ''))) return
    this.events.push({ kind: 'handler', phase, module, place, outcome: outcomeText(outcome, request) })
  }

  step(step: (request: Request) => Outcome, statement: Statement): (request: Request) => Outcome {
    const text = [statement.name, ...statement.args.map((word) => word.text)].join(' ')
    const place = `${statement.file}:${statement.line}`
    return (request) => {
      this.#enter(request)
      const { uri, args, location } = request
      const at = this.events.length
      const outcome = step(request)
      const inner = this.events.length - at
      const effect = this.#effect(statement.name, { uri, args, location, inner }, outcome, request)
      this.events.splice(at, 0, { kind: 'statement', text, place, effect })
      return outcome
    }
  }

  #effect(
    name: string,
    before: Pick<Request, 'uri' | 'args' | 'location'> & { readonly inner: number },
    outcome: Outcome,
    request: Request,
  ): string {
    const query = (uri: string, args: string): string => (args === '' ? uri : `${uri}?${args}`)
    const from = query(before.uri, before.args)
    const to = query(request.uri, request.args)
    if (name === 'if')
      return request.location !== before.location || before.inner > 0 ? 'holds' : 'does not hold'
    if (outcome >= 300) return `status ${outcome}`
    if (outcome === DONE) return `answers ${request.status}`
    if (name === 'rewrite') return from === to ? 'does not match' : `${from} becomes ${to}`
    return name === 'set' ? 'set' : ''
  }

  /** Looks files up and says what it found. */
  files(maxBytes: number): FileCache {
    return new TracedFiles(maxBytes, (path, { kind }) => {
      this.events.push({ kind: 'probe', path, found: FOUND[kind] })
    })
  }
}

const FOUND: Readonly<Record<FileLookup['kind'], string>> = {
  file: 'file',
  directory: 'folder',
  other: 'not a regular file',
  notFound: 'not there',
  denied: 'may not be read',
  error: 'cannot be read',
}

function outcomeText(outcome: Outcome, request: Request): string {
  switch (outcome) {
    case NEXT:
      return 'passes'
    case ALLOWED:
      return 'lets in'
    case DONE:
      return 'answers'
    case RELOCATE:
      return `goes on at ${request.args === '' ? request.uri : `${request.uri}?${request.args}`}`
    case NAMED:
      return `goes on at ${request.namedTarget}`
    default:
      return `status ${outcome}`
  }
}

function contains(outer: Location, inner: Location): boolean {
  return outer.locations instanceof TracedLocations && outer.locations.holds(inner)
}

class TracedNames extends ServerNames {
  readonly #onFound: (host: string, match: NameMatch) => void

  constructor(tables: NameTables, server: Server, onFound: (host: string, match: NameMatch) => void) {
    super(tables, server)
    this.#onFound = onFound
  }

  override find(host: string): NameMatch {
    const match = super.find(host)
    this.#onFound(host, match)
    return match
  }
}

type LookUp = (path: string, find: () => LocationMatch) => LocationMatch

class TracedLocations extends LocationTable {
  readonly #level: Level
  readonly #lookUp: LookUp

  constructor(level: Level, lookUp: LookUp) {
    super(level.exact, level.prefixes, level.regexes)
    this.#level = level
    this.#lookUp = lookUp
  }

  override find(path: string): LocationMatch {
    return this.#lookUp(path, () => super.find(path))
  }

  /** Whether it is a location of this level or of one inside. */
  holds(location: Location): boolean {
    const { exact, prefixes, regexes } = this.#level
    const own = [
      ...exact.values(),
      ...prefixes.map((item) => item.location),
      ...regexes.map((item) => item.location),
    ]
    return own.some((item) => item === location || contains(item, location))
  }
}

class TracedFiles extends FileCache {
  readonly #onLookup: (path: string, found: FileLookup) => void

  constructor(maxBytes: number, onLookup: (path: string, found: FileLookup) => void) {
    super(maxBytes)
    this.#onLookup = onLookup
  }

  override lookup(path: string): FileLookup {
    const found = super.lookup(path)
    this.#onLookup(path, found)
    return found
  }
}

function noop(): void {
  // a handler that fails is answered by the server itself
}

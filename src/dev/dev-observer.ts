/**
 * Puts the development server's ways of answering in the place of the front's: serve-static for files, http-proxy for
 * `proxy_pass`, and applications that are waited for. Everything before that (servers, locations, rewrites, access) and
 * everything else that answers is the front's own.
 */
import type { Statement } from '../config/ast.ts'
import type { CompileObserver, HandlerOrigin } from '../front/compile/compile-observer.ts'
import { LocationTable, type PrefixLocation, type RegexLocation } from '../front/location-table.ts'
import { DONE, type Outcome } from '../front/outcome.ts'
import type { Request } from '../front/request.ts'
import { sendText } from '../front/response.ts'
import type { Location, PhaseHandler, Server } from '../front/server-config.ts'
import { ServerNames, type NameTables } from '../front/server-names.ts'
import type { UpstreamSettings } from '../front/upstream/upstream-settings.ts'
import type { AppFailure } from './app-failure.ts'
import { failurePage } from './failure-page.ts'
import { ProxyAnswer, takeWhole } from './proxy-answer.ts'
import { staticAnswer } from './static-answer.ts'

/** Whether an application can be asked. */
export interface AppGate {
  /** Undefined where it can be; else what comes of the waiting: a failure, or nothing. */
  ready(): Promise<AppFailure | undefined> | undefined
}

/** Modules whose handlers read the client's body before the content phase. */
const READS_EARLY = new Set(['mirror', 'auth_request'])

export class DevObserver implements CompileObserver {
  readonly #proxy = new ProxyAnswer()
  /** Name of the application by `file:line` of its `app_pass`. */
  readonly #passes: ReadonlyMap<string, string>
  readonly #apps: ReadonlyMap<string, AppGate>

  constructor(statements: readonly Statement[], apps: ReadonlyMap<string, AppGate>) {
    this.#passes = new Map(appPasses(statements))
    this.#apps = apps
  }

  serverNames(tables: NameTables, defaultServer: Server): ServerNames {
    return new ServerNames(tables, defaultServer)
  }

  locationTable(
    exact: ReadonlyMap<string, Location>,
    prefixes: readonly PrefixLocation[],
    regexes: readonly RegexLocation[],
  ): LocationTable {
    return new LocationTable(exact, prefixes, regexes)
  }

  step(step: (request: Request) => Outcome): (request: Request) => Outcome {
    return step
  }

  location(): void {
    // nothing is remembered of them
  }

  proxyPass(handler: PhaseHandler, settings: UpstreamSettings): PhaseHandler {
    return this.#proxy.handler(handler, settings)
  }

  handler(handler: PhaseHandler, { phase, module, place }: HandlerOrigin): PhaseHandler {
    if (READS_EARLY.has(module)) return readingBody(handler)
    if (phase !== 'content' || module === 'proxy') return handler
    if (module === 'static') return staticAnswer(handler)
    const gate = module === 'app_pass' ? this.#apps.get(this.#passes.get(place) ?? '') : undefined
    return gate ? behind(gate, readingBody(handler)) : readingBody(handler)
  }
}

function readingBody(handler: PhaseHandler): PhaseHandler {
  return (request) => {
    takeWhole(request)
    return handler(request)
  }
}

/** Requests wait for an application that is being started; one that did not start shows why. */
function behind(gate: AppGate, handler: PhaseHandler): PhaseHandler {
  return (request) => {
    const ready = gate.ready()
    if (!ready) return handler(request)
    return ready.then((failure) => {
      if (request.finished) return DONE
      return failure ? showFailure(request, failure) : handler(request)
    })
  }
}

function showFailure(request: Request, failure: AppFailure): Outcome {
  const page = failurePage(failure, request.headers.get('accept') ?? '')
  request.status = 500
  request.contentType = page.contentType
  request.addHeader('Cache-Control', 'no-store')
  sendText(request, page.body.toString('latin1'))
  return DONE
}

function* appPasses(statements: readonly Statement[]): Generator<[string, string]> {
  for (const { name, args, block, file, line } of statements) {
    if (name === 'app_pass') yield [`${file}:${line}`, args[0]?.text ?? '']
    if (block) yield* appPasses(block)
  }
}

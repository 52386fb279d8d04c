import {
  Client,
  defineSettings,
  Http404,
  HttpResponse,
  MiddlewareNotUsed,
  path,
  PermissionDenied,
  SuspiciousOperation,
  TemplateResponse,
  WSGIHandler,
  type GetResponse,
  type HttpRequest,
  type Layer,
  type MiddlewareEntry,
  type MiddlewareHooks,
  type OutgoingResponse,
  type Urlconf,
} from 'portico/web'
import type { Action, HookedCase, HookName, LayerCase, MiddlewareCase } from './middleware-cases.ts'

export type Generation = 'onion' | 'flat'

/** `async` makes every hook and view a promise that takes a turn of the event loop. */
export type Mode = 'sync' | 'async'

const quietLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

const hookMethods = {
  req: 'processRequest',
  view: 'processView',
  exc: 'processException',
  tpl: 'processTemplateResponse',
  res: 'processResponse',
} as const satisfies Record<HookName, keyof MiddlewareHooks>

/** Runs one row and gives its trace in the table's words. */
export async function runCase(row: MiddlewareCase, generation: Generation, mode: Mode): Promise<string> {
  return new CaseRun(row, mode).run(generation)
}

class CaseRun {
  readonly #row: MiddlewareCase
  readonly #mode: Mode
  readonly #trace: string[] = []

  constructor(row: MiddlewareCase, mode: Mode) {
    this.#row = row
    this.#mode = mode
  }

  async run(generation: Generation): Promise<string> {
    const list = this.#row.middleware.map((one) => ('hooks' in one ? this.#class(one) : this.#layer(one)))
    const handler = new WSGIHandler(
      defineSettings({
        secretKey: 'k',
        allowedHosts: ['*'],
        logger: quietLogger,
        rootUrlconf: this.#urlconf(),
        ...(generation === 'onion' ? { middleware: list } : { middlewareClasses: list }),
      }),
    )
    handler.signals.gotRequestException.connect(() => this.#trace.push('SIGNAL'))
    const response = await new Client(handler).get(this.#row.missing === true ? '/nothing/' : '/')
    const body = response.text.startsWith('@') ? ` ${response.text.slice(1)}` : ''
    return [...this.#trace, '->', `${response.status}${body}`].join(' ')
  }

  #urlconf(): Urlconf {
    const { handler404, handler500 } = this.#row
    return {
      urlpatterns: [path('', () => this.#later(() => this.#view('VIEW', this.#row.view ?? 'pass')))],
      ...(handler404 && { handler404: () => this.#handler('handler404', handler404, 404) }),
      ...(handler500 && { handler500: () => this.#handler('handler500', handler500, 500) }),
    }
  }

  #handler(name: string, action: 'respond' | 'error', status: number): OutgoingResponse {
    if (action === 'error') throw new Error(name)
    return new HttpResponse(`@${name}`, { status })
  }

  /** At once, or a turn later. */
  #later<T>(act: () => T): T {
    // The asynchronous form gives a promise of the same: every caller takes both.
    return this.#mode === 'sync' ? act() : (Promise.resolve().then(act) as T)
  }

  #view(name: string, action: Action): OutgoingResponse {
    this.#trace.push(name)
    // The case that gives nothing is one that only JavaScript can write.
    return this.#act(name, action, new HttpResponse(`@${name}`)) as OutgoingResponse
  }

  /** @param passing what `pass` gives */
  #act(name: string, action: Action, passing: OutgoingResponse | undefined): OutgoingResponse | undefined {
    switch (action) {
      case 'respond':
        return new HttpResponse(`@${name}`)
      case 'deferred':
      case 'deferred error':
      case 'deferred notfound':
        return new TemplateResponse(() => this.#render(name, action), 'template.html')
      case 'none':
        return undefined
      case 'error':
        throw new Error(name)
      case 'notfound':
        throw new Http404(name)
      case 'denied':
        throw new PermissionDenied(name)
      case 'suspicious':
        throw new SuspiciousOperation(name)
      default:
        return passing
    }
  }

  #render(name: string, action: Action): string {
    this.#trace.push('RENDER')
    if (action === 'deferred error') throw new Error(name)
    if (action === 'deferred notfound') throw new Http404(name)
    return `@${name}`
  }

  #class({ name, hooks, unused }: HookedCase): MiddlewareEntry {
    const methods: Record<string, unknown> = {}
    for (const short of Object.keys(hooks) as HookName[]) {
      const action = hooks[short]
      if (action === undefined) continue
      methods[hookMethods[short]] = (request: HttpRequest, response: unknown) =>
        this.#later(() => this.#hook(`${name}.${short}`, short, action, request, response))
    }
    class Hooked {
      constructor() {
        if (unused === true) throw new MiddlewareNotUsed(name)
      }
    }
    Object.assign(Hooked.prototype, methods)
    return Hooked
  }

  #hook(word: string, short: HookName, action: Action, request: HttpRequest, response: unknown): unknown {
    this.#trace.push(word)
    if (action === 'urlconf') request.urlconf = [path('', () => this.#view('OTHER', 'pass'))]
    const passing = short === 'tpl' || short === 'res' ? (response as OutgoingResponse) : undefined
    return this.#act(word, action, passing)
  }

  #layer({ name, in: enter, out: leave }: LayerCase): Layer {
    const act = (
      word: string,
      action: Action,
      passing: OutgoingResponse | undefined,
    ): OutgoingResponse | undefined => {
      this.#trace.push(word)
      return this.#act(word, action, passing)
    }
    return (getResponse: GetResponse) => (request) => {
      const early = act(`${name}.in`, enter, undefined)
      if (early !== undefined) return early
      const response = getResponse(request)
      const done = (value: OutgoingResponse): OutgoingResponse =>
        act(`${name}.out`, leave, value) as OutgoingResponse
      return response instanceof Promise ? response.then(done) : done(response)
    }
  }
}

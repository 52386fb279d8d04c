import type { Origin } from './template-error.ts'

/** What a node gives: the promise only where something in it had to be waited for. */
export type Rendered = string | Promise<string>

/** A compiled node or list of nodes. */
export type Render = (context: Context) => Rendered

/** What rendering needs of the world; the engine fills it in. */
export interface RenderSettings {
  readonly autoescape: boolean
  /** IANA name of the zone that dates are shown in. */
  readonly timeZone: string
  readonly now: () => Date
  /** From 0 up to, not including, 1: for `lorem` and `random`. */
  readonly random: () => number
}

export type ContextValues = Readonly<Record<string, unknown>>

/** Names and values; `Map` is one. */
export interface Layer {
  get(name: string): unknown
  set(name: string, value: unknown): unknown
  has(name: string): boolean
  entries(): Iterable<[string, unknown]>
}

/** A caller's object: only its own properties count, getters run when looked up, and it is never written to. */
class RecordLayer implements Layer {
  readonly #values: ContextValues
  #overlay: Map<string, unknown> | undefined

  constructor(values: ContextValues) {
    this.#values = values
  }

  get(name: string): unknown {
    const written = this.#overlay?.get(name)
    if (written !== undefined) return written
    const value = this.#values[name]
    return value === undefined || Object.hasOwn(this.#values, name) ? value : undefined
  }

  set(name: string, value: unknown): void {
    this.#overlay ??= new Map()
    this.#overlay.set(name, value)
  }

  has(name: string): boolean {
    return this.#overlay?.has(name) === true || Object.hasOwn(this.#values, name)
  }

  *entries(): Iterable<[string, unknown]> {
    yield* Object.entries(this.#values)
    if (this.#overlay) yield* this.#overlay
  }

  *pending(): Iterable<Promise<unknown>> {
    for (const { value } of Object.values(Object.getOwnPropertyDescriptors(this.#values))) {
      if (value instanceof Promise) yield value
    }
  }
}

/** A layer that begins with one name: cheaper to make than a Map, which it becomes when a template sets another. */
export class NamedLayer implements Layer {
  readonly #name: string
  #value: unknown
  #more: Map<string, unknown> | undefined

  constructor(name: string, value: unknown) {
    this.#name = name
    this.#value = value
  }

  get(name: string): unknown {
    return name === this.#name ? this.#value : this.#more?.get(name)
  }

  set(name: string, value: unknown): void {
    if (name === this.#name) {
      this.#value = value
      return
    }
    this.#more ??= new Map()
    this.#more.set(name, value)
  }

  has(name: string): boolean {
    return name === this.#name || this.#more?.has(name) === true
  }

  *entries(): Iterable<[string, unknown]> {
    yield [this.#name, this.#value]
    if (this.#more) yield* this.#more
  }
}

/**
 * What a template keeps while it renders, under the node that keeps it. Each template has its own: a `cycle` in an
 * included template begins anew with every inclusion. Parents and children of an `extends` share one.
 */
export class RenderState {
  #cells: Map<object, unknown> | undefined
  /** Names of the templates being rendered, outermost first. */
  readonly trail: readonly string[]
  /** Block bodies by name, from the root template's to the youngest child's; set by `extends`. */
  blocks: Map<string, Render[]> | undefined
  /** Origins that `extends` has used, so that a template can extend another of the same name. */
  readonly extended: Origin[] = []

  /** That of the rendering as a whole. */
  readonly outermost: RenderState

  constructor(name: string, outer?: RenderState) {
    this.trail = outer ? [...outer.trail, name] : [name]
    this.outermost = outer?.outermost ?? this
  }

  get(node: object): unknown {
    return this.#cells?.get(node)
  }

  set(node: object, value: unknown): void {
    this.#cells ??= new Map()
    this.#cells.set(node, value)
  }
}

/** Stands for a name that is there with the value `undefined`, so that it hides the layers below. */
const UNDEFINED = Symbol('undefined')

const BUILTINS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['True', true],
  ['False', false],
  ['None', null],
])

export const DEFAULT_RENDER_SETTINGS: RenderSettings = {
  autoescape: true,
  timeZone: 'UTC',
  now: () => new Date(),
  random: Math.random,
}

/** The variables that a template sees, in layers: a name is looked up from the top one down. */
export class Context {
  readonly settings: RenderSettings
  readonly request: unknown
  autoescape: boolean
  /** State of the template being rendered. */
  state = new RenderState('')
  readonly #layers: Layer[] = []

  constructor(values?: ContextValues, settings: RenderSettings = DEFAULT_RENDER_SETTINGS, request?: unknown) {
    this.settings = settings
    this.request = request
    this.autoescape = settings.autoescape
    if (values) this.#layers.push(new RecordLayer(values))
    else this.#layers.push(new Map())
  }

  get(name: string): unknown {
    const layers = this.#layers
    for (let i = layers.length - 1; i >= 0; i--) {
      const value = layers[i]?.get(name)
      if (value !== undefined) return value === UNDEFINED ? undefined : value
    }
    return BUILTINS.get(name)
  }

  has(name: string): boolean {
    return this.#layers.some((layer) => layer.has(name)) || BUILTINS.has(name)
  }

  /** Sets a name in the top layer. */
  set(name: string, value: unknown): void {
    this.#layers.at(-1)?.set(name, value === undefined ? UNDEFINED : value)
  }

  /** Sets a name in the layer that has it already, otherwise in the top one. */
  setUpward(name: string, value: unknown): void {
    const layer = this.#layers.findLast((candidate) => candidate.has(name)) ?? this.#layers.at(-1)
    layer?.set(name, value === undefined ? UNDEFINED : value)
  }

  push(layer: Layer = new Map<string, unknown>()): void {
    this.#layers.push(layer)
  }

  get depth(): number {
    return this.#layers.length
  }

  /** Drops the layers above a depth that was taken earlier. */
  cutTo(depth: number): void {
    this.#layers.length = depth
  }

  /** A caller's object as a layer above what is there: its getters stay lazy. */
  pushValues(values: ContextValues): void {
    this.#layers.push(new RecordLayer(values))
  }

  pop(): void {
    if (this.#layers.length === 1) throw new Error('pop() has been called more times than push()')
    this.#layers.pop()
  }

  /** Renders a body with a layer on top of the context, which is gone afterwards however the body ends. */
  within(layer: Layer, body: Render): Rendered {
    const depth = this.#layers.push(layer)
    let output: Rendered
    try {
      output = body(this)
    } catch (error) {
      this.#layers.length = depth - 1
      throw error
    }
    if (typeof output === 'string') {
      this.#layers.length = depth - 1
      return output
    }
    return output.finally(() => {
      this.#layers.length = depth - 1
    })
  }

  /** A context with the same settings and state that has only the values given. */
  isolated(values: Map<string, unknown> | ContextValues): Context {
    const context = new Context(values instanceof Map ? undefined : values, this.settings, this.request)
    if (values instanceof Map) context.push(values)
    context.autoescape = this.autoescape
    context.state = this.state
    return context
  }

  /** All names with the values that a template would see. */
  flatten(): Map<string, unknown> {
    const flat = new Map(BUILTINS)
    for (const layer of this.#layers) {
      for (const [name, value] of layer.entries()) flat.set(name, value === UNDEFINED ? undefined : value)
    }
    return flat
  }

  /** Values that are promises already running: see Template.render. */
  *pending(): Iterable<Promise<unknown>> {
    for (const layer of this.#layers) {
      if (layer instanceof RecordLayer) yield* layer.pending()
    }
  }
}

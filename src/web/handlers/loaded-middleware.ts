import type { Settings } from '../conf/settings.ts'
import { ImproperlyConfigured, MiddlewareNotUsed } from '../exceptions.ts'
import { allOf, chain, isPromise, type MaybePromise } from '../maybe-promise.ts'
import { knownMiddleware } from '../middleware/known-middleware.ts'
import { bindHooks, type BoundHooks } from './bound-hooks.ts'
import type { GetResponse, Layer, MiddlewareClass, MiddlewareEntry, MiddlewareHooks } from './middleware.ts'

/** What a factory or class gave for one place in the list. */
export interface MiddlewareInstance {
  /** For messages and traces. */
  readonly name: string
  /** Present for a layer: it wraps the rest of the way itself. */
  readonly call: GetResponse | null
  readonly hooks: BoundHooks
}

/** A middleware whose module is here. `make` gives null for one that wants to be left out. */
export interface LoadedMiddleware {
  readonly name: string
  make(getResponse: GetResponse, settings: Settings): MiddlewareInstance | null
}

const hookNames = [
  'processRequest',
  'processView',
  'processException',
  'processTemplateResponse',
  'processResponse',
] as const

/** Resolves names and imports modules; at once when there is nothing to import. @throws ImproperlyConfigured */
export function loadMiddleware(entries: readonly MiddlewareEntry[]): MaybePromise<LoadedMiddleware[]> {
  return allOf(entries.map(loadOne))
}

function loadOne(entry: MiddlewareEntry): MaybePromise<LoadedMiddleware> {
  if (typeof entry === 'string') return loadOne(named(entry))
  if (typeof entry !== 'function') return fromHooks(entry)
  if (isClass(entry)) return fromClass(entry)
  return entry.length > 0 ? fromLayer(entry as Layer) : loaderOrLayer(entry as () => unknown)
}

function named(name: string): MiddlewareClass {
  const found = knownMiddleware.get(name)
  if (found !== undefined) return found
  throw new ImproperlyConfigured(
    `settings.middleware: there is no middleware called ${JSON.stringify(name)}. ` +
      'Names are those of the framework; put your own there as a class, a function, or () => import(...).',
  )
}

/** A class's prototype cannot be replaced; that of a function can. */
function isClass(entry: object): entry is MiddlewareClass {
  return Object.getOwnPropertyDescriptor(entry, 'prototype')?.writable === false
}

/** A function without parameters: it imports something, or it is a factory that ignores the rest of the way. */
function loaderOrLayer(entry: () => unknown): MaybePromise<LoadedMiddleware> {
  let made: unknown
  try {
    made = entry()
  } catch (error) {
    if (error instanceof MiddlewareNotUsed) return { name: entry.name, make: () => null }
    throw error
  }
  if (isPromise(made)) return Promise.resolve(made).then((value) => loadOne(imported(value)))
  return { name: entry.name, make: () => instanceOf(entry.name, made) }
}

function imported(value: unknown): MiddlewareEntry {
  if (typeof value === 'function') return value as Layer | MiddlewareClass
  if (typeof value === 'object' && value !== null) {
    if (hookNames.some((hook) => hook in value)) return value
    if ('default' in value) return imported(value.default)
  }
  throw new ImproperlyConfigured(
    'settings.middleware: a loader gave nothing that is a middleware (no default export?)',
  )
}

function fromHooks(hooks: MiddlewareHooks): LoadedMiddleware {
  const name = hooks.constructor === Object ? 'middleware' : hooks.constructor.name
  return { name, make: () => instanceOf(name, hooks) }
}

function fromClass(Class: MiddlewareClass): LoadedMiddleware {
  const { name } = Class
  return {
    name,
    make: (getResponse, settings) => unlessUnused(() => instanceOf(name, new Class(getResponse, settings))),
  }
}

function fromLayer(layer: Layer): LoadedMiddleware {
  const name = layer.name === '' ? 'layer' : layer.name
  return {
    name,
    make: (getResponse, settings) => unlessUnused(() => instanceOf(name, layer(getResponse, settings))),
  }
}

function unlessUnused(make: () => MiddlewareInstance): MiddlewareInstance | null {
  try {
    return make()
  } catch (error) {
    if (error instanceof MiddlewareNotUsed) return null
    throw error
  }
}

function instanceOf(name: string, made: unknown): MiddlewareInstance {
  if (typeof made === 'function') {
    const call = made as GetResponse & MiddlewareHooks
    return { name, call, hooks: bindHooks(call) }
  }
  if (typeof made === 'object' && made !== null) return { name, call: null, hooks: bindHooks(made) }
  throw new ImproperlyConfigured(
    `Middleware factory ${name} returned ${String(made)}: it has to return a function of the request, or hooks.`,
  )
}

/** For `chain` users that load more than middleware. */
export function bothLoaded<A, B>(first: MaybePromise<A>, second: MaybePromise<B>): MaybePromise<[A, B]> {
  return chain(first, (a) => chain(second, (b): [A, B] => [a, b]))
}

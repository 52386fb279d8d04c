/**
 * What an export of an entry module is, by its shape.
 *
 * In this order:
 * - a server of `node:http`; an object with such a `server` and `ready()` (Fastify): its request listeners
 * - an object or function with `fetch` (Hono, H3, itty-router, `export default { fetch }`): a fetch handler
 * - an object with `callback()` (Koa): what it returns
 * - a function with `handle` and `set` (Express): a listener
 * - a function or object with a method that the conf's own call, `(environ, startResponse)`, reaches by the name
 *   `application`: WSGI
 * - any other default export that is a function: with at most one parameter a fetch handler, with more a listener
 */
import { Server } from '../../io/node-http.ts'
import type { Application } from '../../gateway/application.ts'
import type { LoadedEntry } from '../loaded-entry.ts'
import { fetchApplication } from './fetch-application.ts'
import type { FetchHandler } from './fetch-application.ts'
import { nodeApplication } from './node-application.ts'
import type { NodeListener } from './node-application.ts'

type Callable = (...args: never[]) => unknown

/** A library's object or a server; undefined for anything that says nothing about itself. */
export async function recogniseFramework(value: unknown): Promise<LoadedEntry | undefined> {
  if (isServer(value)) return serverEntry(value)
  const server = property(value, 'server')
  const ready = property(value, 'ready')
  if (isServer(server) && isFunction(ready)) {
    // Plugins are loaded and routes compiled by it.
    await Reflect.apply(ready, value, [])
    return serverEntry(server)
  }
  const fetch = property(value, 'fetch')
  if (isFunction(fetch)) return fetchEntry((...args) => Reflect.apply(fetch, value, args))
  const callback = property(value, 'callback')
  if (isFunction(callback) && isFunction(property(value, 'use')))
    return listenerEntry(Reflect.apply(callback, value, []) as NodeListener)
  const isExpress = isFunction(property(value, 'handle')) && isFunction(property(value, 'set'))
  if (isFunction(value) && isExpress) return listenerEntry(value as NodeListener)
  return undefined
}

/** A function, or an object with a method `application`. */
export function recogniseWsgi(owner: unknown, value: unknown): LoadedEntry | undefined {
  if (isFunction(value)) return { kind: 'wsgi', application: value.bind(owner as never) as Application }
  const method = property(value, 'application')
  return isFunction(method)
    ? { kind: 'wsgi', application: method.bind(value as never) as Application }
    : undefined
}

/** A function that is the default export. */
export function recogniseFunction(value: unknown): LoadedEntry | undefined {
  if (!isFunction(value)) return undefined
  return value.length <= 1 ? fetchEntry(value as FetchHandler) : listenerEntry(value as NodeListener)
}

/** Requests reach every listener that the server has, at the time. */
export function serverEntry(server: Server): LoadedEntry {
  return {
    kind: 'node',
    application: nodeApplication((request, response) => {
      if (!server.emit('request', request, response))
        throw new Error('the server has no listener for requests')
    }),
    upgrades: server,
  }
}

function listenerEntry(listener: NodeListener): LoadedEntry {
  return { kind: 'node', application: nodeApplication(listener) }
}

function fetchEntry(handler: FetchHandler): LoadedEntry {
  return { kind: 'fetch', application: fetchApplication(handler) }
}

function isServer(value: unknown): value is Server {
  return value instanceof Server
}

function isFunction(value: unknown): value is Callable {
  return typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value))
}

/** Of an object, or of a function with properties. */
function property(value: unknown, name: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || !(name in value))
    return undefined
  return (value as Readonly<Record<string, unknown>>)[name]
}

/**
 * Web sockets of an entry that exports its application instead of listening: what such a module exports beside it.
 *
 *     export const { injectWebSocket, upgradeWebSocket } = createNodeWebSocket({ app })   Hono on Node
 *     export function upgrade(request, socket, head) {}                                    `ws` without a server, crossws
 *     export default { fetch, upgrade }                                                    the same in one object
 */
import { createServer } from '../../io/node-http.ts'
import type { Server } from 'node:http'

/** A server that listens nowhere and has the module's listener; undefined where the module has none. */
export function exportedUpgrades(module: object): Server | undefined {
  const inject = method(module, 'injectWebSocket')
  if (inject) {
    const server = createServer()
    inject(server)
    return server
  }
  const object: unknown = Reflect.get(module, 'default')
  const upgrade = method(module, 'upgrade') ?? (isObject(object) ? method(object, 'upgrade') : undefined)
  return upgrade ? createServer().on('upgrade', upgrade) : undefined
}

function method(owner: object, name: string): ((...args: unknown[]) => unknown) | undefined {
  const value: unknown = name in owner ? Reflect.get(owner, name) : undefined
  return typeof value === 'function' ? (...args): unknown => Reflect.apply(value, owner, args) : undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

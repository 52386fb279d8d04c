/**
 * Imports the module that a conf names as `entry` and takes its application out.
 *
 *     export const application = getWsgiApplication(settings)      a function (environ, startResponse)
 *     export const application = new Site()                        an object with a method `application`
 *     export default { application(environ, startResponse) {} }    the same as the default export
 *     export default app                                           Express, Koa, Fastify, Hono, H3, an http.Server
 *     export default { fetch(request) { return new Response() } }  a fetch handler
 *     export default (request) => new Response()                   the same: a function with at most one parameter
 *     export default (request, response) => {}                     a listener of node:http
 *     http.createServer(listener).listen(3000)                     no export at all: its server is taken
 *
 * Web sockets: of the server that listens or is exported; or what exported-upgrades.ts finds beside the application.
 *
 * A library's object is recognised under the name `application`, too. TypeScript is stripped by the runtime.
 */
import { pathToFileURL } from 'node:url'
import { isFile } from '../io/files/text-file.ts'
import type { CapturedListen } from './adapters/captured-listen.ts'
import { exportedUpgrades } from './adapters/exported-upgrades.ts'
import {
  recogniseFramework,
  recogniseFunction,
  recogniseWsgi,
  serverEntry,
} from './adapters/recognise-entry.ts'
import { EntryError } from './entry-error.ts'
import { explainImportFailure } from './explain-import-failure.ts'
import type { LoadedEntry } from './loaded-entry.ts'

/** How long an entry without an export has to call `listen()`: it may connect to its database first. */
const LISTEN_WAIT_MS = 10_000
/** One that exports something else is most likely a mistake, which wants to be heard of soon. */
const SHORT_WAIT_MS = 1000

/**
 * `path` is absolute. With `capture` an entry may listen instead of exporting.
 *
 * @throws EntryError
 */
export async function loadEntry(path: string, capture?: CapturedListen): Promise<LoadedEntry> {
  if (!isFile(path)) throw new EntryError(path, 'there is no such file; `entry` names a module')
  let module: unknown
  try {
    module = await import(pathToFileURL(path).href)
  } catch (error) {
    throw explainImportFailure(path, error, import.meta.url)
  }
  const exported = await exportOf(path, module)
  const server = capture?.server ?? (exported ? undefined : await capture?.wait(listenWait(module)))
  if (server === undefined && exported === undefined) throw new EntryError(path, noApplication(module))
  return withUpgrades(module, combine(exported, server && serverEntry(server)))
}

function withUpgrades(module: unknown, entry: LoadedEntry): LoadedEntry {
  if (entry.upgrades !== undefined || typeof module !== 'object' || module === null) return entry
  return { ...entry, upgrades: exportedUpgrades(module) }
}

function listenWait(module: unknown): number {
  const exports = typeof module === 'object' && module !== null ? Object.keys(module).length : 0
  return exports === 0 ? LISTEN_WAIT_MS : SHORT_WAIT_MS
}

/** A listener that is exported and listened with, too, is one application: its server has the upgrades. */
function combine(exported: LoadedEntry | undefined, listening: LoadedEntry | undefined): LoadedEntry {
  if (exported === undefined) return listening as LoadedEntry
  if (listening === undefined) return exported
  return exported.kind === 'node' ? listening : { ...exported, upgrades: listening.upgrades }
}

/** Undefined where the module has no export by which an application is known. */
async function exportOf(path: string, module: unknown): Promise<LoadedEntry | undefined> {
  const named = property(module, 'application')
  if (named !== undefined) {
    const entry = (await recogniseFramework(named)) ?? recogniseWsgi(module, named)
    if (entry) return entry
    throw new EntryError(
      path,
      `its export "application" is ${kindOf(named)}, not a function (environ, startResponse)`,
    )
  }
  const object = property(module, 'default')
  const method = property(object, 'application')
  if (method !== undefined) return recogniseWsgi(object, method)
  return (await recogniseFramework(object)) ?? recogniseFunction(object) ?? (await fetchOf(module))
}

/** `export function fetch(request) {}` */
async function fetchOf(module: unknown): Promise<LoadedEntry | undefined> {
  return property(module, 'fetch') === undefined ? undefined : recogniseFramework(module)
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined
}

function noApplication(module: unknown): string {
  const names = typeof module === 'object' && module !== null ? Object.keys(module) : []
  const exports = names.length === 0 ? 'it exports nothing' : `it exports ${names.slice(0, 8).join(', ')}`
  return `it has no export "application" (${exports}); write: export const application = (environ, startResponse) => ..., or export default with what a framework makes`
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'function')
    return `the class ${value.name}; export an instance with a method "application"`
  if (value instanceof Promise) return 'a promise; write: export const application = await ...'
  return typeof value === 'object' ? 'an object without a method "application"' : `a ${typeof value}`
}

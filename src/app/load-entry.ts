/**
 * Imports the module that a conf names as `entry` and takes its application out.
 *
 *     export const application = getWsgiApplication(settings)      a function
 *     export const application = new Site()                        an object with a method `application`
 *     export default { application(environ, startResponse) {} }    the same as the default export
 *
 * TypeScript is stripped by the runtime.
 */
import { pathToFileURL } from 'node:url'
import type { Application } from '../gateway/application.ts'
import { isFile } from '../io/files/text-file.ts'
import { EntryError } from './entry-error.ts'
import { explainImportFailure } from './explain-import-failure.ts'

/**
 * `path` is absolute.
 *
 * @throws EntryError
 */
export async function loadEntry(path: string): Promise<Application> {
  if (!isFile(path)) throw new EntryError(path, 'there is no such file; `entry` names a module')
  let module: unknown
  try {
    module = await import(pathToFileURL(path).href)
  } catch (error) {
    throw explainImportFailure(path, error, import.meta.url)
  }
  return applicationOf(path, module)
}

function applicationOf(path: string, module: unknown): Application {
  const exported = property(module, 'application')
  const application = exported === undefined ? fromDefault(module) : asApplication(module, exported)
  if (application) return application
  if (exported === undefined) throw new EntryError(path, noApplication(module))
  throw new EntryError(
    path,
    `its export "application" is ${kindOf(exported)}, not a function (environ, startResponse)`,
  )
}

/** `export default { application }`: the method keeps its object. */
function fromDefault(module: unknown): Application | undefined {
  const object = property(module, 'default')
  return asApplication(object, property(object, 'application'))
}

/** A function as a method of `owner`, or an object's method `application`. */
function asApplication(owner: unknown, value: unknown): Application | undefined {
  if (isCallable(value)) return value.bind(owner)
  const method = property(value, 'application')
  return isCallable(method) ? method.bind(value) : undefined
}

function isCallable(value: unknown): value is Application {
  return typeof value === 'function' && !isClass(value)
}

function isClass(value: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value))
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined
}

function noApplication(module: unknown): string {
  const names = typeof module === 'object' && module !== null ? Object.keys(module) : []
  const exports = names.length === 0 ? 'it exports nothing' : `it exports ${names.slice(0, 8).join(', ')}`
  return `it has no export "application" (${exports}); write: export const application = (environ, startResponse) => ...`
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'function')
    return `the class ${value.name}; export an instance with a method "application"`
  if (value instanceof Promise) return 'a promise; write: export const application = await ...'
  return typeof value === 'object' ? 'an object without a method "application"' : `a ${typeof value}`
}

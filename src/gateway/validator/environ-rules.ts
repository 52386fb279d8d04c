/** What a server has to put into an environ (PEP 3333, "environ Variables"). */
import { describeValue } from '../describe-value.ts'
import { quoted, rule } from './rule.ts'

const REQUIRED = [
  'REQUEST_METHOD',
  'SERVER_NAME',
  'SERVER_PORT',
  'SERVER_PROTOCOL',
  'wsgi.version',
  'wsgi.url_scheme',
  'wsgi.input',
  'wsgi.errors',
  'wsgi.multithread',
  'wsgi.multiprocess',
  'wsgi.run_once',
]

const LATIN_1 = /^[\0-\xff]*$/
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

export function checkEnviron(environ: unknown): asserts environ is Record<string, unknown> {
  rule(
    typeof environ === 'object' && environ !== null,
    `the server passed ${describeValue(environ)} as environ; it has to be an object without a prototype`,
  )
  rule(
    Object.getPrototypeOf(environ) === null,
    `the environ is ${describeValue(environ)}; make it with Object.create(null), so that no client can reach a prototype`,
  )
  const variables = environ as Record<string, unknown>
  for (const key of REQUIRED) rule(key in variables, `the environ has no ${key}; servers have to set it`)
  for (const key of Object.keys(variables)) checkVariable(key, variables[key])
  checkRequest(variables)
  checkPath(variables)
  checkWsgi(variables)
}

function checkVariable(key: string, value: unknown): void {
  // Keys with a dot are of WSGI or of a server, and may be anything.
  if (key.includes('.')) return
  rule(
    typeof value === 'string',
    `${key} is ${describeValue(value)}; CGI variables are strings or not there at all`,
  )
  rule(
    LATIN_1.test(value),
    `${key} has characters above U+00FF; decode the octets as Latin-1 and leave the rest to the application`,
  )
  if (!key.startsWith('HTTP_')) return
  rule(
    /^HTTP_[A-Z0-9_]+$/.test(key),
    `${quoted(key)} is no name of a header variable; only A-Z, 0-9 and _ come from clients`,
  )
  const bare = key.slice('HTTP_'.length)
  rule(
    bare !== 'CONTENT_TYPE' && bare !== 'CONTENT_LENGTH',
    `the environ has ${key}; write ${bare} instead, which headers cannot set`,
  )
  rule(
    bare !== 'PROXY',
    'the environ has HTTP_PROXY, with which a client redirects outgoing requests (httpoxy); leave it out',
  )
}

function checkRequest(environ: Record<string, unknown>): void {
  const { REQUEST_METHOD: method, SERVER_PROTOCOL: protocol, CONTENT_LENGTH: length } = environ
  rule(
    typeof method === 'string' && TOKEN.test(method),
    `REQUEST_METHOD is ${shown(method)}; it has to be a method like GET`,
  )
  rule(environ.SERVER_NAME !== '', 'SERVER_NAME is empty; it never may be, as URLs are made of it')
  rule(
    /^[0-9]{1,5}$/.test(String(environ.SERVER_PORT)),
    `SERVER_PORT is ${shown(environ.SERVER_PORT)}; it has to be the digits of a port`,
  )
  rule(
    /^[A-Z]+\/[0-9](\.[0-9])?$/.test(String(protocol)),
    `SERVER_PROTOCOL is ${shown(protocol)}; it has to be like HTTP/1.1`,
  )
  rule(
    length === undefined || (typeof length === 'string' && /^[0-9]*$/.test(length)),
    `CONTENT_LENGTH is ${shown(length)}; it has to be digits, empty, or not there`,
  )
}

function checkPath(environ: Record<string, unknown>): void {
  const script = environ.SCRIPT_NAME ?? ''
  const info = environ.PATH_INFO ?? ''
  rule(script !== '/', 'SCRIPT_NAME is "/"; it has to be empty then, and PATH_INFO "/"')
  rule(isPath(script), `SCRIPT_NAME is ${shown(script)}; it has to be empty or start with a slash`)
  rule(isPath(info), `PATH_INFO is ${shown(info)}; it has to be empty or start with a slash`)
  rule(
    script !== '' || environ.PATH_INFO !== undefined,
    'neither SCRIPT_NAME nor PATH_INFO is there; for the root PATH_INFO is "/"',
  )
}

function isPath(value: unknown): boolean {
  return value === '' || (typeof value === 'string' && value.startsWith('/'))
}

function checkWsgi(environ: Record<string, unknown>): void {
  const version = environ['wsgi.version']
  rule(
    Array.isArray(version) && version.length === 2 && version[0] === 1 && version[1] === 0,
    `wsgi.version is ${describeValue(version)}; it has to be [1, 0]`,
  )
  const scheme = environ['wsgi.url_scheme']
  rule(
    scheme === 'http' || scheme === 'https',
    `wsgi.url_scheme is ${shown(scheme)}; it has to be "http" or "https"`,
  )
  for (const key of ['wsgi.multithread', 'wsgi.multiprocess', 'wsgi.run_once']) {
    rule(
      typeof environ[key] === 'boolean',
      `${key} is ${describeValue(environ[key])}; it has to be a boolean`,
    )
  }
  checkMethods('wsgi.input', environ['wsgi.input'], ['read', 'readline', 'readlines', Symbol.asyncIterator])
  checkMethods('wsgi.errors', environ['wsgi.errors'], ['write', 'writelines', 'flush'])
}

function checkMethods(key: string, value: unknown, names: readonly (string | symbol)[]): void {
  rule(
    typeof value === 'object' && value !== null,
    `${key} is ${describeValue(value)}; it has to be a stream object`,
  )
  const methods = value as Record<string | symbol, unknown>
  for (const name of names) {
    rule(
      typeof methods[name] === 'function',
      `${key} has no method ${String(name)}; all of PEP 3333 have to be there`,
    )
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? quoted(value) : describeValue(value)
}

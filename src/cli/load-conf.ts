/** Reads and binds the conf with the tables of every tier. */
import { basename, dirname, join, resolve } from 'node:path'
import { appDirectives } from '../app/app-directives.ts'
import type { Statement } from '../config/ast.ts'
import { bindConfig } from '../config/bind.ts'
import type { ConfigError } from '../config/config-error.ts'
import { DirectiveTable } from '../config/directive-table.ts'
import { loadConfig, type ConfigFile } from '../config/load.ts'
import type { Scope } from '../config/scope.ts'
import { frontDirectives } from '../front/compile/front-modules.ts'
import { listFolder, readBytes } from '../io/files/byte-files.ts'
import { isFile } from '../io/files/text-file.ts'
import { expandGlob } from '../util/glob.ts'
import { mainDirectives } from './main-directives.ts'
import type { ServerArguments } from './arguments.ts'
import { packageFile } from './package-files.ts'

const DEFAULT_CONF = 'conf/portico.conf'
/** What nginx is installed with beside its conf. */
const BESIDE_CONF = new Set(['mime.types', 'fastcgi_params', 'scgi_params', 'uwsgi_params'])

/** Where a server stands in the file system: absolute paths. */
export interface Places {
  readonly prefix: string
  readonly confPath: string
  /** `-e`: absolute path or `stderr`. */
  readonly errorLog: string
}

export interface LoadedConf {
  readonly statements: readonly Statement[]
  readonly files: readonly ConfigFile[]
}

const table = new DirectiveTable([...mainDirectives, ...appDirectives, ...frontDirectives])

export function placesOf(args: Pick<ServerArguments, 'prefix' | 'conf' | 'errorLog'>, cwd: string): Places {
  const prefix = resolve(cwd, args.prefix ?? '.')
  return {
    prefix,
    confPath: resolve(prefix, args.conf ?? DEFAULT_CONF),
    errorLog:
      args.errorLog === undefined || args.errorLog === 'stderr' ? 'stderr' : resolve(prefix, args.errorLog),
  }
}

/** Where front workers put request bodies that outgrow their buffer. */
export function bodyFolder({ prefix }: Places): string {
  return join(prefix, 'run', 'client_body_temp')
}

/** @param text of the main file, where it is not what the file holds @throws ConfigError when it cannot be read */
export function readConf(places: Places, globals: string, text?: string): LoadedConf {
  const main = text === undefined ? undefined : Buffer.from(text, 'utf8').toString('latin1')
  const read = (path: string): string =>
    main !== undefined && path === places.confPath ? main : readConfFile(path, places)
  const source = { read, glob: (pattern: string) => expandGlob(pattern, listFolder) }
  return loadConfig(places.confPath, source, { globals })
}

/**
 * Who writes a conf of his own in an empty folder has nothing beside it, and gets what comes with the program.
 *
 * @throws the system's error
 */
function readConfFile(path: string, { confPath }: Places): string {
  const name = basename(path)
  if (!BESIDE_CONF.has(name) || dirname(path) !== dirname(confPath) || isFile(path)) return readBytes(path)
  return packageFile(`conf/${name}`).toString('latin1')
}

export interface BoundConf {
  readonly main: Scope
  readonly warnings: readonly ConfigError[]
}

/** @throws ConfigError for the first fault. */
export function bindConf(statements: readonly Statement[], places: Places): BoundConf {
  return bindConfig(statements, table, { prefix: places.prefix, confPath: places.confPath })
}

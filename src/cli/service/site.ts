/** What those outside of the server have to know of one: whose it is, and which files it has. */
import { dirname } from 'node:path'
import { findFileOwner, ownerOf, type FileOwner } from '../../io/user-database.ts'
import type { Scope } from '../../config/scope.ts'
import { bindConf, placesOf, readConf, type Places } from '../load-conf.ts'
import { workerShutdownTimeout } from '../main-directives.ts'
import { pidFile } from '../plan-server.ts'
import { logFiles } from './log-files.ts'

export interface Site {
  readonly places: Places
  readonly main: Scope
  readonly pidFile: string
  readonly logs: readonly string[]
  /** Folders beside the prefix that it writes to. */
  readonly foldersOutside: readonly string[]
  readonly owner: FileOwner
  readonly shutdownTimeoutMs: number
}

export class SiteError extends Error {
  override readonly name = 'SiteError'
}

/** @throws ConfigError, SiteError */
export function readSite(prefix: string | undefined, conf: string | undefined, user?: string): Site {
  const places = placesOf({ prefix, conf, errorLog: undefined }, process.cwd())
  const { statements } = readConf(places, '')
  const { main } = bindConf(statements, places)
  const logs = logFiles(statements, places)
  const pid = pidFile(main, places)
  const folders = new Set([...logs, pid].map((path) => dirname(path)))
  return {
    places,
    main,
    pidFile: pid,
    logs,
    foldersOutside: [...folders].filter((folder) => !`${folder}/`.startsWith(`${places.prefix}/`)),
    owner: user === undefined ? ownerOf(places.prefix) : userNamed(user),
    shutdownTimeoutMs: main.get(workerShutdownTimeout),
  }
}

function userNamed(name: string): FileOwner {
  const user = findFileOwner(name)
  if (user) return user
  throw new SiteError(`there is no user "${name}" on this machine; make one: useradd --system ${name}`)
}

/** package-lock.json, version 3, as far as tests ask. */
import { readFileSync } from 'node:fs'

export interface LockedPackage {
  readonly version: string
  /** Another package's name, where the place is an alias. */
  readonly name?: string
  readonly license?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
}

export interface LockFile {
  readonly lockfileVersion: number
  /** By place: `node_modules/send/node_modules/mime-db`; the empty one is ours. */
  readonly packages: Readonly<Record<string, LockedPackage>>
}

export function readLockFile(path: string): LockFile {
  return JSON.parse(readFileSync(path, 'utf8')) as LockFile
}

/** The name that imports ask for. */
export function nameOfPlace(place: string): string {
  return place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

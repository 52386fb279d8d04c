import type { Application } from '../gateway/application.ts'
import type { UpgradeTarget } from './adapters/upgrade-connection.ts'

/** What a module turned out to be. */
export interface LoadedEntry {
  /** `wsgi`: (environ, startResponse); `fetch`: (request) => Response; `node`: (request, response). */
  readonly kind: 'wsgi' | 'fetch' | 'node'
  readonly application: Application
  /** Where connections that ask for an upgrade go. Undefined where the application has no way to take one. */
  readonly upgrades?: UpgradeTarget | undefined
}

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import {
  CacheSessionStore,
  DatabaseSessionStore,
  defaultMiddleware,
  defineCaches,
  defineDatabases,
  defineSettings,
  getUser,
  valkeyCache,
  type Databases,
  type Settings,
} from 'portico/web'
import { houseRules } from './middleware.ts'
import { readSurroundings, type Surroundings } from './surroundings.ts'
import { guestbookTags } from './templatetags.ts'
import { forgedForm } from './views.ts'

/** What `portico manage --settings src/demo/settings.ts` works on: the site before its first start, too. */
export default function settings(): Settings {
  const surroundings = readSurroundings(process.env)
  const databases = defineDatabases({ default: surroundings.databaseUrl })
  // Commands sign nothing that has to be understood later.
  const secretKey = surroundings.secretKey ?? randomBytes(48).toString('base64url')
  return demoSettings(databases, secretKey, surroundings)
}

/** @param secretKey this installation's own; see first-start.ts */
export function demoSettings(
  databases: Databases,
  secretKey: string,
  { allowedHosts, cacheUrl }: Surroundings = readSurroundings({}),
): Settings {
  // With it the sessions and the attempts to sign in are those of all machines together.
  const cache = cacheUrl === undefined ? null : valkeyCache(cacheUrl, { keyPrefix: 'demo' })
  return defineSettings({
    baseDir: import.meta.dirname,
    secretKey,
    allowedHosts,
    databases,
    models: [() => import('./models.ts')],
    getUser,
    csrfFailureView: forgedForm,
    caches: cache && defineCaches({ default: cache }),
    sessionStore: cache === null ? new DatabaseSessionStore() : new CacheSessionStore(cache),
    middleware: [houseRules, ...defaultMiddleware],
    rootUrlconf: () => import('./urls.ts'),
    templates: { dirs: [join(import.meta.dirname, 'templates')], libraries: { guestbook: guestbookTags } },
    staticUrl: '/static/',
    loginUrl: 'sign-in',
    loginRedirectUrl: 'guestbook',
    // The page on how it works shows each request's way.
    trace: true,
  })
}

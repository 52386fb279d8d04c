import { join } from 'node:path'
import {
  DatabaseSessionStore,
  defaultMiddleware,
  defineSettings,
  getUser,
  type Databases,
  type Settings,
} from 'portico/web'
import { houseRules } from './middleware.ts'
import { guestbookTags } from './templatetags.ts'
import { forgedForm } from './views.ts'

/** @param secretKey this installation's own; see first-start.ts */
export function demoSettings(databases: Databases, secretKey: string): Settings {
  return defineSettings({
    secretKey,
    allowedHosts: ['localhost', '127.0.0.1', '[::1]'],
    databases,
    getUser,
    csrfFailureView: forgedForm,
    sessionStore: new DatabaseSessionStore(),
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

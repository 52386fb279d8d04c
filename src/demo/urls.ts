import { include, loginRequired, path } from 'portico/web'
import { signIn, signOut, signUp } from './account-views.ts'
import { clock } from './clock.ts'
import { how } from './how.ts'
import {
  deleteEntry,
  entriesJson,
  forbidden,
  Guestbook,
  healthy,
  notFound,
  serverError,
  WriteEntry,
} from './views.ts'

const api = [path('entries/', entriesJson, { name: 'entries' })]

export const urlpatterns = [
  path('', Guestbook.asView(), { name: 'guestbook' }),
  path('write/', WriteEntry.asView({}, loginRequired), { name: 'write' }),
  path('entries/<int:id>/delete/', deleteEntry, { name: 'delete' }),
  path('sign-in/', signIn, { name: 'sign-in' }),
  path('sign-up/', signUp, { name: 'sign-up' }),
  path('sign-out/', signOut, { name: 'sign-out' }),
  path('how/', how, { name: 'how' }),
  path('clock/', clock, { name: 'clock' }),
  path('healthz/', healthy, { name: 'healthz' }),
  path('api/', include(api, { namespace: 'api' })),
]

export const handler403 = forbidden
export const handler404 = notFound
export const handler500 = serverError

/** What conf/portico.conf names as the entry of the demo. */
import { defineDatabases, getWsgiApplication } from 'portico/web'
import { firstStart } from './first-start.ts'
import { demoSettings } from './settings.ts'

// Without DATABASE_URL below the folder that the server runs in, beside its sockets.
const databases = defineDatabases({ default: process.env['DATABASE_URL'] ?? 'sqlite:run/demo.sqlite3' })

export const application = getWsgiApplication(demoSettings(databases, await firstStart(databases)))

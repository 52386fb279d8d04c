/** What conf/portico.conf names as the entry of the demo. */
import { defineDatabases, getWsgiApplication } from 'portico/web'
import { firstStart } from './first-start.ts'
import { demoSettings } from './settings.ts'
import { readSurroundings } from './surroundings.ts'

const surroundings = readSurroundings(process.env)
const databases = defineDatabases({ default: surroundings.databaseUrl })
const secretKey = await firstStart(databases)

export const application = getWsgiApplication(
  demoSettings(databases, surroundings.secretKey ?? secretKey, surroundings),
)

/** What an application finds in its environment. */
import { appEnv } from '../app/app-directives.ts'
import type { Scope } from '../config/scope.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The environment that the server was started with, as uWSGI, gunicorn and PM2 hand it on (DATABASE_URL of a
 * container, `Environment=` of a unit), and the `env` rows of the app over it. Front workers, which run no code of
 * the site's, get nginx's few variables instead: see worker-settings.ts.
 */
export function appEnvironment(scope: Scope, started: Environment = process.env): Environment {
  const rows = scope.list(appEnv).map(({ name, value }) => [name, value ?? started[name]] as const)
  return { ...started, ...Object.fromEntries(rows) }
}

/** From a conf that was read to all that a server is made of. */
import type { ConfigError } from '../config/config-error.ts'
import type { Scope } from '../config/scope.ts'
import { compileFront, type CompiledFront, type CompileFrontOptions } from '../front/compile/compile-front.ts'
import { http } from '../front/core-directives.ts'
import { LogDestinations } from '../io/log-destination.ts'
import { planApps, type AppPlan } from './app-plan.ts'
import { bindConf, type LoadedConf, type Places } from './load-conf.ts'
import { pid } from './main-directives.ts'
import { join } from 'node:path'

export interface ServerPlan {
  readonly main: Scope
  readonly apps: AppPlan
  readonly front: CompiledFront | undefined
  readonly warnings: readonly ConfigError[]
  readonly defaultPort: number
}

export function pidFile(main: Scope, places: Places): string {
  return main.get(pid) ?? join(places.prefix, 'run', 'portico.pid')
}

export type PlanOptions = Pick<CompileFrontOptions, 'observer' | 'dialTo' | 'tls'> & {
  readonly logs?: LogDestinations
  /** See planApps. */
  readonly run?: string
}

/** Everything that can be wrong with a conf is found here, before anything is started. @throws ConfigError */
export function planServer(
  conf: LoadedConf,
  places: Places,
  { logs = new LogDestinations(), run, ...look }: PlanOptions = {},
): ServerPlan {
  const { main, warnings } = bindConf(conf.statements, places)
  const apps = planApps(main, places, run)
  const defaultPort = process.getuid?.() === 0 ? 80 : 8000
  const [block] = main.blocks(http)
  const front = block
    ? compileFront(block.scope, {
        ...look,
        prefix: places.prefix,
        confPath: places.confPath,
        logs,
        apps: apps.apps,
        defaultErrorLog: places.errorLog,
        defaultPort,
      })
    : undefined
  return { main, apps, front, warnings: [...warnings, ...(front?.warnings ?? [])], defaultPort }
}

/** Everything that is compared, by name. Confs and files are made when a scenario is wanted. */
import { frameworkScenario } from './framework-scenario.ts'
import type { Scenario } from './scenario.ts'
import { webServerScenarios } from './web-server-scenarios.ts'

/** Confs and files of all scenarios are made in `folder`. */
export function scenarioTable(folder: string): [name: string, make: () => Promise<Scenario>][] {
  return [...webServerScenarios(folder), ['hello', () => frameworkScenario(folder)]]
}

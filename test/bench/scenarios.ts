/** Everything that is compared, by name. Confs and files are made when a scenario is wanted. */
import { gatewayScenarios } from './gateway-scenarios.ts'
import { pageScenarios } from './page-scenarios.ts'
import type { Scenario } from './scenario.ts'
import { webServerScenarios } from './web-server-scenarios.ts'

/** Confs and files of all scenarios are made in `folder`. */
export function scenarioTable(folder: string): [name: string, make: () => Promise<Scenario>][] {
  return [...webServerScenarios(folder), ...gatewayScenarios(folder), ...pageScenarios(folder)]
}

/** `fastcgi_pass`, `uwsgi_pass` and `scgi_pass` beside those of nginx, before the same scripted application. */
import { afterAll, beforeAll, describe } from 'vitest'
import { compareModules } from './nginx-modules/compare-modules.ts'
import {
  GATEWAY_SCRIPT,
  GATEWAYS_CASES,
  GATEWAYS_FILES,
  gatewaysConf,
  STORED_CASES,
} from './nginx-modules/gateways.ts'
import { ScriptedGateway } from './nginx-modules/scripted-gateway.ts'

const scripted = new ScriptedGateway(GATEWAY_SCRIPT)
const well = new ScriptedGateway(() => ({ text: 'Content-Type: text/plain\r\n\r\nwell\n' }))

describe('gateways', () => {
  beforeAll(async () => {
    await scripted.start()
    await well.start()
  })

  afterAll(() => {
    scripted.stop()
    well.stop()
  })

  compareModules('answer as those of nginx do', {
    conf: gatewaysConf(scripted.folder, well.folder),
    files: GATEWAYS_FILES,
    cases: GATEWAYS_CASES,
    later: STORED_CASES,
    unframed: true,
  })
})

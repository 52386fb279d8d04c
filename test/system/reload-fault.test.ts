/** What the log of a running server says of a conf that it does not take. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { PorticoServer } from '../support/portico-server.ts'

let server: PorticoServer | undefined

afterEach(async () => {
  await server?.stop()
})

it('a reload that fails names the fault with file and line', async () => {
  const conf = `error_log logs/error.log;
    http { access_log off; server { listen 127.0.0.1:${await freePort()}; return 200 well; } }`
  const running = (server = await PorticoServer.start({ conf, files: { 'logs/error.log': '' } }))
  const path = join(running.folder, 'conf/portico.conf')
  writeFileSync(path, conf.replace('return 200 well;', 'lisen 80;'))
  running.signal('SIGHUP')
  const log = (): string => running.read('logs/error.log')
  await running.waitFor(() => log().includes('reload failed'), 'the fault in its log', 60_000)
  expect(log()).toContain(
    `reload failed, the running configuration stays: unknown directive "lisen", did you mean "listen"? in ${path}:2`,
  )
})

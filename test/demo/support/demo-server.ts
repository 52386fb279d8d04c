/** The demo on both tiers, by the conf that the package ships, on a port and in a folder of its own. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../support/free-port.ts'
import { PorticoServer } from '../../support/portico-server.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

export interface DemoServer {
  readonly server: PorticoServer
  /** Without a slash at its end. */
  readonly origin: string
}

export async function startDemo(options: { readonly workers: number }): Promise<DemoServer> {
  if (!existsSync(`${ROOT}dist/web.js`))
    throw new Error('The demo imports portico/web from dist/: npm run build')
  const port = await freePort()
  const server = await PorticoServer.start({
    conf: shippedConf([
      ['127.0.0.1:8080', `127.0.0.1:${port}`],
      ['entry     src/', `entry     ${ROOT}src/`],
      ['workers   2;', `workers   ${options.workers};`],
      ['root         public;', `root         ${ROOT}public;`],
    ]),
    files: { 'conf/mime.types': readFileSync(`${ROOT}conf/mime.types`) },
  })
  return { server, origin: `http://127.0.0.1:${port}` }
}

/** @throws Error for a part that the conf does not have: the test would run something else */
function shippedConf(changes: readonly (readonly [part: string, instead: string])[]): string {
  return changes.reduce(
    (conf, [part, instead]) => {
      if (!conf.includes(part)) throw new Error(`conf/portico.conf has no "${part}"`)
      return conf.replace(part, instead)
    },
    readFileSync(`${ROOT}conf/portico.conf`, 'utf8'),
  )
}

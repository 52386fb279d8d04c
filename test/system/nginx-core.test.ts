/** The front's core and real nginx, one conf, the same requests: the same answers. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync, chmodSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { NginxServer } from '../support/nginx-server.ts'
import { describeWithPeer } from '../support/peer.ts'
import { PorticoServer } from '../support/portico-server.ts'
import type { Case } from './front-nginx/cases.ts'
import { ask, MODIFIED_SECONDS, type Outcome, type Ports } from './front-nginx/conversation.ts'
import { CORE_CASES } from './nginx-core/core-cases.ts'
import { CORE_CONF, CORE_FILES } from './nginx-core/core-conf.ts'

/** Conversations under way at once. */
const PARALLEL = 12

function makeFiles(): string {
  const folder = mkdtempSync(join(tmpdir(), 'portico-files-'))
  chmodSync(folder, 0o755)
  for (const [name, content] of Object.entries(CORE_FILES)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    utimesSync(path, MODIFIED_SECONDS, MODIFIED_SECONDS)
  }
  return folder
}

describeWithPeer('nginx', 'The core answers as that of nginx does', (path) => {
  let files: string
  let portico: PorticoServer
  let nginx: NginxServer
  const outcomes = new Map<Case, readonly [ours: Outcome, theirs: Outcome]>()
  const conf = ({ first, second }: Ports): string =>
    CORE_CONF.replaceAll('%PORT%', String(first))
      .replaceAll('%PORT2%', String(second))
      .replaceAll('%FILES%', files)

  beforeAll(async () => {
    files = makeFiles()
    const ours: Ports = { first: await freePort(), second: await freePort() }
    const theirs: Ports = { first: await freePort(), second: await freePort() }
    nginx = await NginxServer.start(path, conf(theirs), theirs.first)
    portico = await PorticoServer.start({
      conf: `error_log logs/error.log info; http { ${conf(ours)} }`,
      files: { 'logs/.keep': '' },
    })
    const waiting = Object.values(CORE_CASES).flat()
    const run = async (): Promise<void> => {
      for (let item = waiting.shift(); item; item = waiting.shift())
        outcomes.set(item, await Promise.all([ask(ours, item), ask(theirs, item)]))
    }
    await Promise.all(Array.from({ length: PARALLEL }, run))
  }, 120_000)

  afterAll(async () => {
    await Promise.all([portico.stop(), nginx.stop()])
    rmSync(files, { recursive: true, force: true })
  })

  describe.each(Object.entries(CORE_CASES))('%s', (_group, cases) => {
    it.each(cases.map((item) => [item.name, item] as const))('%s', (_name, item) => {
      const [ours, theirs] = outcomes.get(item) ?? []
      if (!ours || !theirs) throw new Error('was not asked')
      expect(ours).toEqual(theirs)
    })
  })

  it('log no fault of their own meanwhile', () => {
    expect(portico.read('logs/error.log')).not.toMatch(/\[(alert|emerg)\]|handler failed/)
  })
})

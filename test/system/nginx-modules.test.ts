/** The front's modules and real nginx, one conf, the same requests: the same answers. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync, chmodSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { NginxServer } from '../support/nginx-server.ts'
import { describeWithPeer } from '../support/peer.ts'
import { PorticoServer } from '../support/portico-server.ts'
import type { Case } from './front-nginx/cases.ts'
import { ask, MODIFIED_SECONDS, type Outcome, type Ports } from './front-nginx/conversation.ts'
import { MODULE_CASES } from './nginx-modules/modules-cases.ts'
import { MODULES_CONF, MODULES_FILES } from './nginx-modules/modules-conf.ts'

/** Conversations under way at once. */
const PARALLEL = 12

function makeFiles(): string {
  const folder = mkdtempSync(join(tmpdir(), 'portico-files-'))
  chmodSync(folder, 0o755)
  for (const [name, content] of Object.entries(MODULES_FILES)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    utimesSync(path, MODIFIED_SECONDS, MODIFIED_SECONDS)
  }
  return folder
}

/** A gzip body in chunks, as text: libraries compress to different bytes. */
function decoded({ text, closed }: Outcome): Outcome {
  const end = text.indexOf('\r\n\r\n') + 4
  const head = text.slice(0, end)
  if (!/^Content-Encoding: gzip\r$/m.test(head) || end === text.length) return { text, closed }
  const chunks: string[] = []
  for (let at = end; at < text.length;) {
    const line = text.indexOf('\r\n', at)
    const size = parseInt(text.slice(at, line), 16)
    chunks.push(text.slice(line + 2, line + 2 + size))
    at = line + 4 + size
  }
  const body = gunzipSync(Buffer.from(chunks.join(''), 'latin1')).toString('latin1')
  return { text: head + body.replace(/<center>(nginx|portico)[/\w.]*</, '<center>SERVER<'), closed }
}

describeWithPeer('nginx', 'The modules answer as those of nginx do', (path) => {
  let files: string
  let portico: PorticoServer
  let nginx: NginxServer
  const outcomes = new Map<Case, readonly [ours: Outcome, theirs: Outcome]>()
  const conf = (port: number): string =>
    MODULES_CONF.replaceAll('%PORT%', String(port)).replaceAll('%FILES%', files)

  beforeAll(async () => {
    files = makeFiles()
    const ours: Ports = { first: await freePort(), second: 99_999 }
    const theirs: Ports = { first: await freePort(), second: 99_999 }
    nginx = await NginxServer.start(path, conf(theirs.first), theirs.first)
    portico = await PorticoServer.start({
      conf: `error_log logs/error.log info; http { ${conf(ours.first)} }`,
      files: { 'logs/.keep': '' },
    })
    const waiting = Object.values(MODULE_CASES).flat()
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

  describe.each(Object.entries(MODULE_CASES))('%s', (_module, cases) => {
    it.each(cases.map((item) => [item.name, item] as const))('%s', (_name, item) => {
      const [ours, theirs] = outcomes.get(item) ?? []
      if (!ours || !theirs) throw new Error('was not asked')
      expect(decoded(ours)).toEqual(decoded(theirs))
    })
  })

  it('log no fault of their own meanwhile', () => {
    expect(portico.read('logs/error.log')).not.toMatch(/\[(alert|emerg)\]|handler failed/)
  })
})

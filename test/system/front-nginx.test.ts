/** The front and real nginx, one conf, the same bytes: the same answers, but for what the table of deviations names. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { NginxServer } from '../support/nginx-server.ts'
import { describeWithPeer } from '../support/peer.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { CASES, type Case } from './front-nginx/cases.ts'
import { ask, MODIFIED_SECONDS, type Outcome, type Ports } from './front-nginx/conversation.ts'
import { DEVIATIONS } from './front-nginx/deviations.ts'
import { SHARED_CONF, SHARED_FILES } from './front-nginx/shared-conf.ts'

/** Conversations under way at once. */
const PARALLEL = 12

function makeFiles(): string {
  const folder = mkdtempSync(join(tmpdir(), 'portico-files-'))
  for (const [name, content] of Object.entries(SHARED_FILES)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    utimesSync(path, MODIFIED_SECONDS, MODIFIED_SECONDS)
  }
  return folder
}

function confFor(ports: Ports, files: string): string {
  return SHARED_CONF.replaceAll('%PORT%', String(ports.first))
    .replaceAll('%PORT2%', String(ports.second))
    .replaceAll('%FILES%', files)
}

describeWithPeer('nginx', 'The front answers as nginx does', (path) => {
  let files: string
  let portico: PorticoServer
  let nginx: NginxServer
  const outcomes = new Map<Case, readonly [ours: Outcome, theirs: Outcome]>()

  beforeAll(async () => {
    files = makeFiles()
    const ours: Ports = { first: await freePort(), second: await freePort() }
    const theirs: Ports = { first: await freePort(), second: await freePort() }
    nginx = await NginxServer.start(path, confFor(theirs, files), theirs.first)
    portico = await PorticoServer.start({
      conf: `error_log logs/error.log info; http { ${confFor(ours, files)} }`,
      files: { 'logs/.keep': '' },
    })
    const waiting = [...CASES]
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

  it('has cases enough, and every deviation is one of a case', () => {
    expect(CASES.length).toBeGreaterThan(250)
    expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length)
    const known = new Set(CASES.map(({ name }) => name))
    expect([...DEVIATIONS.keys()].filter((name) => !known.has(name))).toEqual([])
  })

  it.each(CASES.map((item) => [item.name, item] as const))('%s', (name, item) => {
    const [ours, theirs] = outcomes.get(item) ?? []
    if (!ours || !theirs) throw new Error('was not asked')
    const deviation = DEVIATIONS.get(name)
    if (!deviation) {
      expect(ours).toEqual(theirs)
      return
    }
    expect(ours, 'a deviation that is none any more').not.toEqual(theirs)
    expect(ours.text.slice(0, ours.text.indexOf('\r\n'))).toBe(deviation.statusLine)
  })

  it('logs no fault of its own meanwhile', () => {
    expect(portico.read('logs/error.log')).not.toMatch(/\[(alert|emerg)\]|handler failed/)
  })
})

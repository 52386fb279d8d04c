/** The front's modules and real nginx, one conf, the same requests: the same answers. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync, chmodSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../support/free-port.ts'
import { NginxServer } from '../../support/nginx-server.ts'
import { describeWithPeer } from '../../support/peer.ts'
import { PorticoServer } from '../../support/portico-server.ts'
import type { Case } from '../front-nginx/cases.ts'
import { ask, MODIFIED_SECONDS, type Outcome, type Ports } from '../front-nginx/conversation.ts'

export interface Compared {
  /** The content of `http { }`. */
  readonly conf: string
  readonly files: Readonly<Record<string, string | Buffer>>
  readonly cases: Readonly<Record<string, readonly Case[]>>
  /** Asked when those are through: what they left behind. */
  readonly later?: Readonly<Record<string, readonly Case[]>>
  /** Whether how bodies are framed is left out: of a small one whose length nobody said, ours says it. */
  readonly unframed?: boolean
}

/** All of these conversations end with the connection. */
const QUIET_MS = 10_000
/** Conversations under way at once. */
const PARALLEL = 12

function makeFiles(contents: Compared['files']): string {
  const folder = mkdtempSync(join(tmpdir(), 'portico-files-'))
  chmodSync(folder, 0o755)
  for (const [name, content] of Object.entries(contents)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    utimesSync(path, MODIFIED_SECONDS, MODIFIED_SECONDS)
  }
  return folder
}

/** The body without its chunks and its coding: where pieces end and how they are compressed is each server's own. */
function decoded(text: string): string {
  const end = text.indexOf('\r\n\r\n') + 4
  const head = text.slice(0, end)
  if (end === text.length || text.includes('HTTP/1.1', end)) return text
  let body = /^Transfer-Encoding: chunked\r$/m.test(head) ? withoutChunks(text, end) : text.slice(end)
  if (/^Content-Encoding: gzip\r$/m.test(head)) body = unzipped(body)
  // nginx sends coded files in ranges too since 1.29
  return head.replace(/^(?=[^]*Content-Encoding: gzip)([^]*)Accept-Ranges: bytes\r\n/, '$1') + body
}

/** Pages are as long as the server's name is. */
function unframed(text: string): string {
  const [head = '', ...rest] = decoded(text).split('\r\n\r\n')
  return [head.replace(/\r\n(Transfer-Encoding: chunked|Content-Length: \d+)/g, ''), ...rest].join('\r\n\r\n')
}

/** A part of a file has no beginning to be read by. */
function unzipped(body: string): string {
  return body.startsWith('\x1f\x8b') && body.length > 20
    ? gunzipSync(Buffer.from(body, 'latin1')).toString('latin1')
    : body
}

function withoutChunks(text: string, from: number): string {
  const chunks: string[] = []
  for (let at = from; at < text.length;) {
    const line = text.indexOf('\r\n', at)
    const size = parseInt(text.slice(at, line), 16)
    chunks.push(text.slice(line + 2, line + 2 + size))
    at = line + 4 + size
  }
  return chunks.join('')
}

export function compareModules(title: string, compared: Compared): void {
  describeWithPeer('nginx', title, (path) => {
    let files: string
    let portico: PorticoServer
    let nginx: NginxServer
    const read = compared.unframed === true ? unframed : decoded
    const outcomes = new Map<Case, readonly [ours: Outcome, theirs: Outcome]>()
    const conf = (port: number): string =>
      compared.conf.replaceAll('%PORT%', String(port)).replaceAll('%FILES%', files)

    beforeAll(async () => {
      files = makeFiles(compared.files)
      const ours: Ports = { first: await freePort(), second: 99_999 }
      const theirs: Ports = { first: await freePort(), second: 99_999 }
      nginx = await NginxServer.start(path, conf(theirs.first), theirs.first)
      portico = await PorticoServer.start({
        conf: `error_log logs/error.log info; http { ${conf(ours.first)} }`,
        files: { 'logs/.keep': '' },
      })
      for (const group of [compared.cases, compared.later ?? {}]) {
        const waiting = Object.values(group).flat()
        const run = async (): Promise<void> => {
          for (let item = waiting.shift(); item; item = waiting.shift())
            outcomes.set(
              item,
              await Promise.all([ask(ours, item, read, QUIET_MS), ask(theirs, item, read, QUIET_MS)]),
            )
        }
        await Promise.all(Array.from({ length: PARALLEL }, run))
      }
    }, 120_000)

    afterAll(async () => {
      await Promise.all([portico.stop(), nginx.stop()])
      rmSync(files, { recursive: true, force: true })
    })

    describe.each(Object.entries({ ...compared.cases, ...compared.later }))('%s', (_module, cases) => {
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
}

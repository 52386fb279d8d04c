/** `portico -t` and `nginx -t` judge the same confs: accepted or refused, for the same reason, on the same line. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bindConf, placesOf, readConf } from '../../src/cli/load-conf.ts'
import { ConfigError } from '../../src/config/config-error.ts'
import { compileFront } from '../../src/front/compile/compile-front.ts'
import { http } from '../../src/front/core-directives.ts'
import { LogDestinations } from '../../src/io/log-destination.ts'
import { describeWithPeer } from '../support/peer.ts'
import { HTTP_CONFS, WHOLE_CONFS } from './conf-cases.ts'

const CASES: readonly (readonly [name: string, text: string])[] = [
  ...Object.entries(HTTP_CONFS).map(([name, text]) => [name, `events { }\nhttp {\n${text}\n}\n`] as const),
  ...Object.entries(WHOLE_CONFS),
]

/** What we say instead, and why. nginx accepts where `accepted` stands. */
const DEVIATIONS: Readonly<Record<string, { readonly ours: string; readonly reason: string }>> = {
  'server_name with a bad wildcard': {
    ours: '[emerg] invalid server name or wildcard "a.*.b" on 0.0.0.0:80 in CONF:3',
    reason: 'nginx finds it only with a second server on the address',
  },
  'server_name with a star in a word': {
    ours: '[emerg] invalid server name or wildcard "a*.b" on 0.0.0.0:80 in CONF:3',
    reason: 'nginx finds it only with a second server on the address',
  },
  'duplicate named location': {
    ours: '[emerg] duplicate location "@a" in CONF:5',
    reason: 'the second can never be reached',
  },
  'return of 99': {
    ours: '[emerg] invalid return code "99" in CONF:3',
    reason: 'RFC 9110 section 15: a status has three digits',
  },
  'set of a bad name': {
    ours: '[emerg] invalid variable name "$a-b" in CONF:3',
    reason: 'no value can name the variable',
  },
  'if with an empty condition': {
    ours: '[emerg] invalid condition "" in CONF:3',
    reason: 'the condition is what stands between the parentheses',
  },
  'keepalive_disable twice': {
    ours: 'accepted',
    reason: 'two statements of one meaning are no mistake',
  },
  'byte order mark': {
    ours: '[emerg] unexpected byte order mark in CONF:1',
    reason: 'it cannot be seen in what nginx says',
  },
  'worker_processes of nonsense': {
    ours: '[emerg] "worker_processes" directive invalid number in CONF:1',
    reason: 'one wording for all numbers',
  },
  'worker_processes 0': {
    ours: '[emerg] value must be between 1 and 1024 in CONF:1',
    reason: 'nobody would serve',
  },
  'worker_connections of nonsense': {
    ours: '[emerg] "worker_connections" directive invalid number in CONF:1',
    reason: 'one wording for all numbers',
  },
}

describeWithPeer('nginx', 'A conf is judged as nginx judges it', (nginx) => {
  let folder: string
  let file: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'portico-conf-'))
    mkdirSync(join(folder, 'logs'))
    file = join(folder, 'portico.conf')
  })

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  function ours(): string {
    const places = placesOf({ prefix: folder, conf: file, errorLog: undefined }, folder)
    const { prefix, confPath } = places
    const options = {
      prefix,
      confPath,
      logs: new LogDestinations(),
      apps: new Map(),
      defaultErrorLog: 'stderr',
    }
    try {
      const { main, warnings } = bindConf(readConf(places, '').statements, places)
      const [block] = main.blocks(http)
      const front = block ? compileFront(block.scope, { ...options, defaultPort: 80 }) : undefined
      const said = [...warnings, ...(front?.warnings ?? [])].map(String)
      // what nginx does and we do not is said by us alone
      return ['accepted', ...said.filter((line) => !/no effect in this server/.test(line))].join('\n')
    } catch (error) {
      if (error instanceof ConfigError) return error.toString()
      throw error
    }
  }

  function theirs(): string {
    const args = ['-t', '-p', folder, '-c', file, '-e', join(folder, 'e.log'), '-g', `pid ${folder}/pid;`]
    const { stderr, status } = spawnSync(nginx, args, { encoding: 'latin1' })
    const lines = stderr.split('\n').filter((line) => /\[(emerg|warn)\]/.test(line))
    const verdicts = lines.map((line) => line.replace(/^nginx: /, ''))
    return (status === 0 ? ['accepted', ...verdicts] : verdicts).join('\n')
  }

  const anonymous = (text: string): string => text.replaceAll(file, 'CONF').replaceAll(folder, 'FOLDER')

  /** We name the place where nginx has forgotten it. */
  function comparable(text: string, other: string): string {
    return / in CONF:\d+$/m.test(other) ? text : text.replaceAll(/ in CONF:\d+$/gm, '')
  }

  it.each(CASES)('%s', (name, text) => {
    writeFileSync(file, text)
    const [we, they] = [anonymous(ours()), anonymous(theirs())]
    const deviation = DEVIATIONS[name]
    if (deviation) {
      expect(we).toBe(deviation.ours)
      expect(comparable(we, they)).not.toBe(they)
    } else expect(comparable(we, they)).toBe(they)
  })

  it('has no deviation of a case that is none', () => {
    const names = new Set(CASES.map(([name]) => name))
    expect(Object.keys(DEVIATIONS).filter((name) => !names.has(name))).toEqual([])
  })
})

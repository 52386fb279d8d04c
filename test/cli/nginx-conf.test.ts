/** `portico -t` and `nginx -t` judge the same confs: accepted or refused, for the same reason, on the same line. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { comparable, ConfJudges } from '../support/conf-judges.ts'
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
  let judges: ConfJudges

  beforeAll(() => {
    judges = new ConfJudges()
  })

  afterAll(() => {
    judges.close()
  })

  it.each(CASES)('%s', (name, text) => {
    judges.write(text)
    const [we, they] = [judges.ours(), judges.theirs(nginx)]
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

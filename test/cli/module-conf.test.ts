/** Each directive of the modules: right, and wrong in each way that can be; `nginx -t` says the same on the same line. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Certificates } from '../support/certificates.ts'
import { comparable, ConfJudges } from '../support/conf-judges.ts'
import { describeWithPeer } from '../support/peer.ts'
import { confsOf, PLACES } from './conf-cases.ts'
import { LATER_ROWS, MODULE_ROWS, type LaterRow } from './module-rows.ts'

const CASES = MODULE_ROWS.flatMap((row) => Object.entries(confsOf(row))).map(
  ([name, text]) => [name, `events { }\nhttp { ${text}\n}\n`] as const,
)

/** What we say instead, and why. */
const DEVIATIONS: Readonly<Record<string, { readonly ours: string; readonly reason: string }>> = {
  'access_log with too many arguments': {
    ours: '[emerg] invalid parameter "c" in CONF:3',
    reason: 'formats are looked for when all of the conf is read',
  },
  'ssl_session_ticket_key with a wrong argument': {
    ours: '[emerg] open() "FOLDER/missing.key" failed (2: No such file or directory) in CONF:3',
    reason: 'nginx names the end of the block',
  },
}

/** What OpenSSL adds is its own, and that of another version. */
const withoutReason = (text: string): string => text.replace(/ \(SSL: .*?\)(?= in CONF|$)/, '')

/** The files that the rows name. */
function lay(folder: string, certificates: Certificates): void {
  certificates.make({ name: 'own', authority: true, rsa: true })
  certificates.make({ name: 'gone', issuer: 'own' })
  certificates.revoke('own', 'gone')
  for (const [from, to] of [
    ['own.crt', 'own.pem'],
    ['own.key', 'own.key'],
    ['own.crl', 'own.crl'],
  ] as const)
    // prettier-ignore
    cpSync(certificates.path(from), join(folder, to))
  writeFileSync(join(folder, 'ticket.key'), randomBytes(80))
  writeFileSync(join(folder, 'users'), 'word\n')
  execFileSync('openssl', ['dhparam', '-dsaparam', '-out', join(folder, 'dh.pem'), '2048'], {
    stdio: 'ignore',
  })
}

describeWithPeer('nginx', 'A directive of a module is judged as nginx judges it', (nginx) => {
  let judges: ConfJudges
  let certificates: Certificates

  beforeAll(() => {
    judges = new ConfJudges()
    certificates = new Certificates()
    lay(judges.folder, certificates)
  })

  afterAll(() => {
    judges.close()
    certificates.remove()
  })

  it.each(CASES)('%s', (name, text) => {
    judges.write(text)
    const [we, they] = [withoutReason(judges.ours()), withoutReason(judges.theirs(nginx))]
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

/** By the name of the case: what we say. */
function expectations({ name, contexts, refusal }: LaterRow): ReadonlyMap<string, string> {
  const places = contexts.split(' ')
  const line = places[0] === 'location' ? 5 : 3
  return new Map([
    [`${name} where it may stand`, 'accepted'],
    [
      `${name} without argument`,
      `[emerg] invalid number of arguments in "${name}" directive in CONF:${line}`,
    ],
    [
      `${name} with too many arguments`,
      `[emerg] invalid number of arguments in "${name}" directive in CONF:${line}`,
    ],
    [`${name} twice`, `[emerg] "${name}" directive is duplicate in CONF:${line + 1}`],
    [`${name} with a wrong argument`, `[emerg] ${refusal} in CONF:${line}`],
    ...Object.keys(PLACES).map((place): [string, string] => {
      const at = { server: 4, location: 5, limit_except: 6, if: 6, upstream: 5 }[place]
      const allowed = places.includes(place)
      return [
        `${name} in ${place}`,
        allowed ? 'accepted' : `[emerg] "${name}" directive is not allowed here in CONF:${at ?? 3}`,
      ]
    }),
  ])
}

describe('A directive that the nginx at hand does not have is judged by what is documented', () => {
  const judges = new ConfJudges()

  afterAll(() => {
    judges.close()
  })

  const cases = LATER_ROWS.flatMap((row) => {
    const expected = expectations(row)
    return Object.entries(confsOf(row)).map(([name, text]) => [name, text, expected.get(name)] as const)
  })

  it.each(cases)('%s', (_name, text, expected) => {
    judges.write(`events { }\nhttp { ${text}\n}\n`)
    expect(judges.ours()).toBe(expected)
  })
})

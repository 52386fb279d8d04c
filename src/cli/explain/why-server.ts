/** Why each server of a listening address was or was not taken, by its names. */
import type { NameTables } from '../../front/server-names.ts'
import type { Server } from '../../front/server-config.ts'
import type { Loser } from './trace.ts'

interface Name {
  readonly text: string
  readonly server: Server
  /** What kind of name it is: those of a lower rank go first. */
  readonly rank: number
  readonly matches: (host: string) => boolean
}

const KINDS = [
  'an exact name',
  'a name that begins with *',
  'a name that ends with *',
  'a regular expression',
]

function namesOf({ exact, suffixes, prefixes, regexes }: NameTables): Name[] {
  return [
    ...[...exact].map(([text, server]): Name => ({
      text,
      server,
      rank: 0,
      matches: (host) => host === text,
    })),
    ...[...suffixes].map(([text, server]): Name => ({
      text: `*${text}`,
      server,
      rank: 1,
      matches: (host) => host.endsWith(text) && host.length > text.length,
    })),
    ...[...prefixes].map(([text, server]): Name => ({
      text: `${text}*`,
      server,
      rank: 2,
      matches: (host) => host.startsWith(text) && host.length > text.length,
    })),
    ...regexes.map(({ regex, server }): Name => ({
      text: `~${regex.pattern}`,
      server,
      rank: 3,
      matches: (host) => regex.exec(host) !== null && regex.exec(host) !== undefined,
    })),
  ]
}

export interface ServerVerdict {
  readonly why: string
  readonly losers: readonly Loser[]
}

/** `winner` is what the matcher found for `host`. */
export function whyServer(
  tables: NameTables,
  defaultServer: Server,
  winner: Server,
  host: string,
): ServerVerdict {
  const names = namesOf(tables)
  const won = names.find(({ server, matches }) => server === winner && matches(host))
  const why = won
    ? `"${host}" is ${won.rank === 0 ? (won.text === '' ? 'no name, which it has' : 'one of its names') : `matched by "${won.text}"`}`
    : `no server has the name "${host}"; it is the default of this address`
  const others = names.filter(({ server }) => server !== winner)
  const losers = others.map(({ text, server, rank, matches }): Loser => ({
    label: text === '' ? '""' : text,
    place: server.place,
    why: matches(host) ? whyBehind(won?.rank, rank) : `"${host}" is not it`,
  }))
  if (winner !== defaultServer && !losers.some(({ place }) => place === defaultServer.place))
    losers.push({ label: 'default server', place: defaultServer.place, why: 'a name goes before it' })
  return { why, losers }
}

function whyBehind(won: number | undefined, own: number): string {
  if (won === undefined) return 'it is not the one found'
  if (won === own) return own === 3 ? 'an earlier regular expression matched' : 'a longer one matched'
  return `${KINDS[won] ?? ''} goes before ${KINDS[own] ?? ''}`
}

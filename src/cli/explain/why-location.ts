/** Why each location of a level was or was not taken. Says what the matcher found; finds nothing itself. */
import type { LocationMatch, PrefixLocation, RegexLocation } from '../../front/location-table.ts'
import type { Location } from '../../front/server-config.ts'
import type { Loser } from './trace.ts'

/** The locations of one level, as the matcher has them. */
export interface Level {
  readonly exact: ReadonlyMap<string, Location>
  readonly prefixes: readonly PrefixLocation[]
  readonly regexes: readonly RegexLocation[]
}

/** The level's own location that the match came by: the one found, or the one that it is nested in. */
export function taken(level: Level, { location }: LocationMatch, owns: OwnsLocation): Location | undefined {
  if (!location) return undefined
  return locationsOf(level).find((own) => own === location || owns(own, location))
}

/** Whether the second is somewhere inside the first. */
export type OwnsLocation = (outer: Location, inner: Location) => boolean

function locationsOf({ exact, prefixes, regexes }: Level): Location[] {
  return [
    ...exact.values(),
    ...prefixes.map((item) => item.location),
    ...regexes.map((item) => item.location),
  ]
}

export function whyTaken(level: Level, winner: Location): string {
  switch (winner.kind) {
    case 'exact':
      return 'it is exactly this path'
    case 'regex':
      return level.regexes.length > 1 ? 'the first regular expression that matches' : 'it matches'
    default: {
      const entry = level.prefixes.find(({ location }) => location === winner)
      if (entry?.final) return 'the longest prefix, and ^~ keeps regular expressions out'
      return level.regexes.length > 0
        ? 'the longest prefix; no regular expression matches'
        : 'the longest prefix'
    }
  }
}

export function losers(level: Level, winner: Location | undefined, path: string): Loser[] {
  const loser = (location: Location, why: string): Loser => ({
    label: location.label,
    place: location.place,
    why,
  })
  const longest = longestPrefix(level, path)
  const others = <T extends { readonly location: Location }>(items: readonly T[]): T[] =>
    items.filter(({ location }) => location !== winner)
  return [
    ...[...level.exact].flatMap(([text, location]) =>
      location === winner ? [] : [loser(location, `"${path}" is not "${text}"`)],
    ),
    ...others(level.prefixes).map(({ prefix, location }) =>
      loser(location, whyNotPrefix(prefix, path, longest, winner)),
    ),
    ...others(level.regexes).map((item) =>
      loser(item.location, whyNotRegex(level, item, path, longest, winner)),
    ),
  ]
}

function longestPrefix({ prefixes }: Level, path: string): PrefixLocation | undefined {
  let longest: PrefixLocation | undefined
  for (const item of prefixes) {
    if (path.startsWith(item.prefix) && item.prefix.length >= (longest?.prefix.length ?? 0)) longest = item
  }
  return longest
}

function whyNotPrefix(
  prefix: string,
  path: string,
  longest: PrefixLocation | undefined,
  winner: Location | undefined,
): string {
  if (!path.startsWith(prefix)) return `"${path}" does not begin with it`
  if (winner?.kind === 'exact') return 'an exact location goes before it'
  if (longest && longest.prefix.length > prefix.length) return `"${longest.prefix}" is a longer prefix`
  return winner?.kind === 'regex' ? 'a regular expression goes before it' : 'it is not the one found'
}

function whyNotRegex(
  { regexes }: Level,
  { regex, location }: RegexLocation,
  path: string,
  longest: PrefixLocation | undefined,
  winner: Location | undefined,
): string {
  if (winner?.kind === 'exact') return 'not tried: an exact location goes before it'
  if (longest?.final) return `not tried: ^~ of "${longest.prefix}"`
  const winnerAt = regexes.findIndex((item) => item.location === winner)
  const ownAt = regexes.findIndex((item) => item.location === location)
  if (winnerAt >= 0 && ownAt > winnerAt) return 'not tried: an earlier one matched'
  return regex.exec(path) ? 'a location inside a prefix goes before it' : `does not match "${path}"`
}

/** Who is put before whom, and over what. What is not possible says why. */
export const PROTOCOLS = ['fastcgi', 'uwsgi', 'scgi', 'http'] as const
export type Protocol = (typeof PROTOCOLS)[number]

export const PEERS = ['own', 'uwsgi', 'php', 'gunicorn'] as const
export type Peer = (typeof PEERS)[number]

/** `app_pass` is ours too, and nginx has nothing of the kind. */
export const FRONTS = ['nginx', 'portico', 'app_pass'] as const
export type Front = (typeof FRONTS)[number]

export interface Cell {
  readonly front: Front
  readonly protocol: Protocol
  readonly peer: Peer
}

export const TITLES: Readonly<Record<Peer, string>> = {
  own: 'our application server',
  uwsgi: 'uWSGI',
  php: 'PHP-FPM',
  gunicorn: 'gunicorn',
}

export function titleOf({ front, protocol, peer }: Cell): string {
  return `${front} before ${TITLES[peer]} over ${protocol}`
}

const PHP_SPEAKS = 'PHP-FPM is a FastCGI process manager: it speaks nothing else'
const GUNICORN_SPEAKS = "Debian's gunicorn 20.1 speaks HTTP only; uwsgi came with 24"

/** `true`, or why that peer does not speak it. */
export const SPEAKS: Readonly<Record<Peer, Readonly<Record<Protocol, true | string>>>> = {
  own: { fastcgi: true, uwsgi: true, scgi: true, http: true },
  uwsgi: { fastcgi: true, uwsgi: true, scgi: true, http: true },
  php: { fastcgi: true, uwsgi: PHP_SPEAKS, scgi: PHP_SPEAKS, http: PHP_SPEAKS },
  gunicorn: { fastcgi: GUNICORN_SPEAKS, uwsgi: GUNICORN_SPEAKS, scgi: GUNICORN_SPEAKS, http: true },
}

/** Why a front cannot be put before a peer that speaks the protocol. */
export function obstacle({ front, peer }: Cell): string | undefined {
  if (front === 'app_pass' && peer === 'php')
    return 'PHP-FPM asks for SCRIPT_FILENAME, which app_pass does not tell'
  return undefined
}

export const PAIRS = PEERS.flatMap((peer) => PROTOCOLS.map((protocol) => ({ protocol, peer })))
export const CELLS: readonly Cell[] = FRONTS.flatMap((front) =>
  PAIRS.map((pair) => ({ front, ...pair })),
).filter((cell) => SPEAKS[cell.peer][cell.protocol] === true && obstacle(cell) === undefined)
/** What the peer does not speak is sent to it all the same: the front has to come out of it. */
export const MISFITS: readonly (Cell & { reason: string })[] = (['nginx', 'portico'] as const).flatMap(
  (front) =>
    PAIRS.flatMap((pair) => {
      const reason = SPEAKS[pair.peer][pair.protocol]
      return reason === true ? [] : [{ front, ...pair, reason }]
    }),
)

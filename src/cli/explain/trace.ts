/** What one request met on its way, in order: the document that `portico explain --json` prints. */

/** One that was not chosen, and why. */
export interface Loser {
  readonly label: string
  /** `file:line` */
  readonly place: string
  readonly why: string
}

export type TraceEvent =
  | { readonly kind: 'listen'; readonly address: string; readonly why: string }
  | {
      readonly kind: 'server'
      readonly host: string
      readonly label: string
      readonly place: string
      readonly why: string
      readonly losers: readonly Loser[]
    }
  | {
      readonly kind: 'location'
      readonly uri: string
      /** `none` where no location answers. */
      readonly label: string
      readonly place: string
      readonly why: string
      readonly losers: readonly Loser[]
    }
  | { readonly kind: 'enter'; readonly label: string; readonly place: string }
  | {
      readonly kind: 'statement'
      readonly text: string
      readonly place: string
      readonly effect: string
    }
  | {
      readonly kind: 'handler'
      readonly phase: string
      readonly module: string
      readonly place: string
      readonly outcome: string
    }
  | { readonly kind: 'probe'; readonly path: string; readonly found: string }
  | UpstreamEvent
  | ResponseEvent

export interface UpstreamEvent {
  readonly kind: 'upstream'
  readonly protocol: string
  /** Peers that were tried, as `$upstream_addr` names them. */
  address: string
  /** Request line of an HTTP upstream; '' for CGI-style ones. */
  readonly request: string
  /** Fields or parameters as they would be sent. */
  readonly fields: readonly (readonly [name: string, value: string])[]
}

export interface ResponseEvent {
  readonly kind: 'response'
  /** 0 where the connection would be closed without an answer. */
  readonly status: number
  /** An upstream would have answered: a stub said 200 in its place. */
  readonly stub: boolean
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** Where the conf adds fields in the location that answered. */
  readonly added: readonly { readonly text: string; readonly place: string }[]
}

export interface Trace {
  readonly method: string
  readonly url: string
  readonly events: TraceEvent[]
}

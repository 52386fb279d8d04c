/**
 * What a phase handler answers. A small integer, because a handler answers for every phase of every request:
 * NEXT goes to the next handler, DONE says that the handler answers the request itself (now or later), RELOCATE that
 * the URI or location changed and the phases begin again there. Anything from 300 is a status to finish with, through
 * `error_page`.
 */
export type Outcome = number

export const NEXT = 0
export const DONE = 1
export const RELOCATE = 2
/** As RELOCATE, to the location that `request.namedTarget` names. */
export const NAMED = 3
/** Of the access phase: the client is let in (`satisfy any`). Elsewhere as NEXT. */
export const ALLOWED = 4

/** Never sent, only logged: the client sent too little within its time, or is gone. 499 is nginx's own. */
export const STATUS_TIMED_OUT = 408
export const STATUS_CLIENT_CLOSED = 499
/** Close without an answer (`return 444`). */
export const STATUS_CLOSE = 444

import { WsgiError } from '../wsgi-error.ts'

/** Throws when a rule is broken. `sentence` says what is wrong and what would be right. */
export function rule(kept: boolean, sentence: string): asserts kept {
  if (!kept) throw new WsgiError('WSGI_VALIDATOR', sentence)
}

/** A value in a sentence: quoted, escaped and cut. */
export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 60))
}

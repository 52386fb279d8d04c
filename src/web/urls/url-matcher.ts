/** One step of a URLconf: what it takes from the path, and the path it makes when it is reversed. */

/** What a step captured; the maps are the caller's own. */
export interface Captured {
  kwargs: Record<string, unknown>
  args: string[]
}

/** A part of a path to be made: fixed text, or a parameter with the check that its text must pass. */
export type ReversePart =
  | { readonly literal: string }
  | {
      /** Null for a group without name: it takes the next positional argument. */
      readonly parameter: string | null
      readonly toUrl: (value: unknown) => string
      readonly form: RegExp
    }

export interface UrlMatcher {
  /** As it stands in the URLconf. */
  readonly source: string
  /** The regular expression that it amounts to. */
  readonly pattern: string
  /**
   * Where the rest begins when this takes the path from `at`, or -1. An endpoint has to take all of it. Captured
   * values are added to `captured` only on success.
   */
  match(path: string, at: number, endpoint: boolean, captured: Captured): number
  /** True when a match never adds to what is captured. */
  readonly capturesNothing: boolean
  /** The forms of a path that can be made from it: none, one, or one more for each part that may be left out. */
  readonly reverseForms: readonly (readonly ReversePart[])[]
}

/** What `(?imsxnU)` sets. */
export interface Options {
  readonly caseless: boolean
  readonly multiline: boolean
  readonly dotAll: boolean
  readonly extended: boolean
  /** `n`: plain brackets do not capture. */
  readonly noAutoCapture: boolean
  /** `U`: quantifiers are lazy unless a `?` follows. */
  readonly ungreedy: boolean
}

export const NO_OPTIONS: Options = {
  caseless: false,
  multiline: false,
  dotAll: false,
  extended: false,
  noAutoCapture: false,
  ungreedy: false,
}

export const OPTION_LETTERS: ReadonlyMap<string, keyof Options> = new Map([
  ['i', 'caseless'],
  ['m', 'multiline'],
  ['s', 'dotAll'],
  ['x', 'extended'],
  ['n', 'noAutoCapture'],
  ['U', 'ungreedy'],
])

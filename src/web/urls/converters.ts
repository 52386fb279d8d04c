/** Path converters: the text of a route's parameter and the value that a view gets. */

export interface Converter<T = unknown> {
  /** Without groups and anchors; matched against the decoded path. */
  readonly regex: string
  /** Undefined says that the text is no such value after all: the route then does not match. */
  toValue(text: string): T | undefined
  /** @throws Error for a value that has no such text */
  toUrl(value: T): string
}

/** The types that views get for the converters that routes know without being told. */
export interface BuiltinConverters {
  str: string
  int: number
  slug: string
  uuid: string
  path: string
}

const text = (regex: string): Converter<string> => ({
  regex,
  toValue: (value) => value,
  toUrl: String,
})

const int: Converter<number> = {
  regex: '[0-9]+',
  toValue(digits) {
    const value = Number(digits)
    // Past this two paths would be one number.
    return Number.isSafeInteger(value) ? value : undefined
  },
  toUrl: String,
}

export const builtinConverters: ReadonlyMap<string, Converter> = new Map<keyof BuiltinConverters, Converter>([
  ['str', text('[^/]+')],
  ['int', int],
  ['slug', text('[-a-zA-Z0-9_]+')],
  ['uuid', text('[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}')],
  ['path', text('[^\\n]+')],
])

/** Own converters by the name that routes use. */
export type ConverterSet = Readonly<Record<string, Converter>>

type ValueOf<C> = C extends Converter<infer T> ? T : never

type ValueFor<Name extends string, Own extends ConverterSet> = Name extends keyof Own
  ? ValueOf<Own[Name]>
  : Name extends keyof BuiltinConverters
    ? BuiltinConverters[Name]
    : never

type OneParameter<P extends string, Own extends ConverterSet> = P extends `${infer Name}:${infer Parameter}`
  ? Record<Parameter, ValueFor<Name, Own>>
  : Record<P, string>

type Collected<R extends string, Own extends ConverterSet> = R extends `${string}<${infer P}>${infer Rest}`
  ? OneParameter<P, Own> & Collected<Rest, Own>
  : unknown

type Flat<T> = { [K in keyof T]: T[K] }

/** What a view of that route gets: `'<int:year>/<slug:slug>/'` gives `{ year: number, slug: string }`. */
export type RouteKwargs<R extends string, Own extends ConverterSet = Record<never, Converter>> = Flat<
  Collected<R, Own>
>

import { ImproperlyConfigured } from '../exceptions.ts'
import { builtinConverters, type Converter, type ConverterSet } from './converters.ts'
import type { Captured, ReversePart, UrlMatcher } from './url-matcher.ts'

interface Parameter {
  readonly name: string
  readonly converter: Converter
}

const parameterForm = /<(?:([^>:]+):)?([^>]+)>/g

/**
 * A route such as `<int:year>/<slug:slug>/`. The text before its first parameter is compared before any regular
 * expression runs, and a route without parameters needs none.
 */
export class RouteMatcher implements UrlMatcher {
  readonly source: string
  readonly pattern: string
  readonly capturesNothing: boolean
  readonly reverseForms: readonly (readonly ReversePart[])[]
  readonly #prefix: string
  readonly #parameters: Parameter[] = []
  readonly #endpoint: RegExp
  readonly #start: RegExp

  /** @throws ImproperlyConfigured for an unknown converter, or a parameter that is no name or stands twice */
  constructor(route: string, own: ConverterSet = {}) {
    this.source = route
    const parts: ReversePart[] = []
    let regex = ''
    let from = 0
    for (const match of route.matchAll(parameterForm)) {
      const literal = route.slice(from, match.index)
      const parameter = this.#parameter(match[1] ?? 'str', match[2] ?? '', own)
      parts.push({ literal }, reversePart(parameter))
      regex += `${escapeRegex(literal)}(${parameter.converter.regex})`
      from = match.index + match[0].length
    }
    parts.push({ literal: route.slice(from) })
    regex += escapeRegex(route.slice(from))
    const [first] = parts
    this.#prefix = first !== undefined && 'literal' in first ? first.literal : ''
    this.pattern = `^${regex}$`
    this.#endpoint = new RegExp(`${regex}$`, 'y')
    this.#start = new RegExp(regex, 'y')
    this.capturesNothing = this.#parameters.length === 0
    this.reverseForms = [parts]
  }

  #parameter(converterName: string, name: string, own: ConverterSet): Parameter {
    const route = JSON.stringify(this.source)
    if (/\s/.test(converterName + name)) {
      throw new ImproperlyConfigured(`URL route ${route} cannot contain whitespace in angle brackets <...>.`)
    }
    if (!/^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name)) {
      throw new ImproperlyConfigured(
        `URL route ${route} uses parameter name ${JSON.stringify(name)}, which is no identifier.`,
      )
    }
    if (this.#parameters.some((parameter) => parameter.name === name)) {
      throw new ImproperlyConfigured(
        `URL route ${route} uses parameter name ${JSON.stringify(name)} more than once.`,
      )
    }
    const converter = converterNamed(converterName, own)
    if (converter === undefined) {
      throw new ImproperlyConfigured(
        `URL route ${route} uses invalid converter ${JSON.stringify(converterName)}.`,
      )
    }
    const parameter = { name, converter }
    this.#parameters.push(parameter)
    return parameter
  }

  match(path: string, at: number, endpoint: boolean, captured: Captured): number {
    if (!path.startsWith(this.#prefix, at)) return -1
    if (this.capturesNothing) {
      const end = at + this.#prefix.length
      return endpoint && end !== path.length ? -1 : end
    }
    const regex = endpoint ? this.#endpoint : this.#start
    regex.lastIndex = at
    const match = regex.exec(path)
    return match !== null && this.#capture(match, captured) ? regex.lastIndex : -1
  }

  /** All values, or none and false. */
  #capture(match: RegExpExecArray, captured: Captured): boolean {
    const values: unknown[] = []
    for (const [index, { converter }] of this.#parameters.entries()) {
      const value = converter.toValue(match[index + 1] ?? '')
      if (value === undefined) return false
      values.push(value)
    }
    for (const [index, { name }] of this.#parameters.entries()) captured.kwargs[name] = values[index]
    return true
  }
}

function converterNamed(name: string, own: ConverterSet): Converter | undefined {
  return Object.hasOwn(own, name) ? own[name] : builtinConverters.get(name)
}

function reversePart({ name, converter }: Parameter): ReversePart {
  return {
    parameter: name,
    toUrl: (value) => converter.toUrl(value),
    form: new RegExp(`^(?:${converter.regex})$`),
  }
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

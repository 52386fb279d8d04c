import type { Environ } from '../../gateway/application.ts'
import { textOf } from './percent.ts'

/** The header fields of a request by their own names, whatever the case; they live in the environ. */
export class RequestHeaders {
  readonly #environ: Environ

  constructor(environ: Environ) {
    this.#environ = environ
  }

  /** `-` and `_` are the same here, as they are in an environ. */
  get(name: string): string | undefined {
    const value = this.#environ[environKey(name)]
    return typeof value === 'string' ? value : undefined
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  /** The value with its bytes read as UTF-8. */
  text(name: string): string | undefined {
    const value = this.get(name)
    return value === undefined ? undefined : textOf(value)
  }

  *[Symbol.iterator](): Generator<[name: string, value: string]> {
    for (const key of Object.keys(this.#environ)) {
      const name = headerName(key)
      const value = this.#environ[key]
      if (name !== null && typeof value === 'string') yield [name, value]
    }
  }
}

function environKey(name: string): string {
  const key = name.toUpperCase().replaceAll('-', '_')
  return key === 'CONTENT_TYPE' || key === 'CONTENT_LENGTH' ? key : `HTTP_${key}`
}

function headerName(key: string): string | null {
  const bare = key.startsWith('HTTP_') ? key.slice(5) : null
  const name = bare ?? (key === 'CONTENT_TYPE' || key === 'CONTENT_LENGTH' ? key : null)
  if (name === null) return null
  return name.replace(/([A-Z])([A-Z0-9]*)(_?)/g, (_all, first: string, rest: string, end: string) => {
    return first + rest.toLowerCase() + (end === '' ? '' : '-')
  })
}

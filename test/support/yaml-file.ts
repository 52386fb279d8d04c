/**
 * The part of YAML that docker-compose.yml is written in: block mappings and lists, flow ones on one line, plain and
 * double-quoted scalars, anchors of mappings and `<<`. Anything else is an error, so that nothing is read as something
 * that it is not.
 */
export type Yaml = string | readonly Yaml[] | YamlMap | null
export interface YamlMap {
  readonly [key: string]: Yaml
}

interface Line {
  readonly indent: number
  readonly text: string
  readonly number: number
}

export function parseYaml(text: string): YamlMap {
  const reader = new YamlReader(text)
  const value = reader.block(0)
  if (!isMap(value)) throw new Error('a compose file is a mapping')
  return value
}

export function isMap(value: Yaml | undefined): value is YamlMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

class YamlReader {
  readonly #lines: Line[]
  readonly #anchors = new Map<string, Yaml>()
  #at = 0

  constructor(text: string) {
    this.#lines = text.split('\n').flatMap((line, index) => {
      const bare = line.replace(/(^|\s)#.*$/, '').trimEnd()
      if (bare.trim() === '') return []
      return [{ indent: bare.length - bare.trimStart().length, text: bare.trimStart(), number: index + 1 }]
    })
  }

  block(indent: number): Yaml {
    const line = this.#lines[this.#at]
    if (!line || line.indent < indent) return null
    return line.text.startsWith('- ') ? this.#list(line.indent) : this.#map(line.indent)
  }

  #list(indent: number): Yaml[] {
    const items: Yaml[] = []
    for (let line = this.#lines[this.#at]; line?.indent === indent; line = this.#lines[this.#at]) {
      if (!line.text.startsWith('- '))
        throw new Error(`line ${line.number}: a list goes on as something else`)
      this.#at += 1
      items.push(this.#inline(line.text.slice(2).trim(), line))
    }
    return items
  }

  #map(indent: number): YamlMap {
    const map: Record<string, Yaml> = {}
    for (let line = this.#lines[this.#at]; line?.indent === indent; line = this.#lines[this.#at]) {
      const [, key = '', anchor, rest = ''] = /^([\w<.-]+):(?: +&(\w+))?(?: +(.*))?$/.exec(line.text) ?? []
      if (key === '') throw new Error(`line ${line.number}: no key in "${line.text}"`)
      this.#at += 1
      const value = rest === '' ? this.block(indent + 1) : this.#inline(rest, line)
      if (anchor !== undefined) this.#anchors.set(anchor, value)
      if (key === '<<') Object.assign(map, isMap(value) ? value : {})
      else map[key] = value
    }
    return map
  }

  #inline(text: string, { number }: Line): Yaml {
    if (text.startsWith('*')) {
      const value = this.#anchors.get(text.slice(1))
      if (value === undefined) throw new Error(`line ${number}: no anchor ${text}`)
      return value
    }
    if (text.startsWith('[') && text.endsWith(']')) return splitFlow(text).map((part) => scalar(part, number))
    if (text.startsWith('{') && text.endsWith('}')) {
      const pairs = splitFlow(text).map((part) => part.split(/: +/, 2) as [string, string])
      return Object.fromEntries(pairs.map(([key, value]) => [key, scalar(value, number)]))
    }
    return scalar(text, number)
  }
}

function splitFlow(text: string): string[] {
  const inner = text.slice(1, -1).trim()
  return inner === ''
    ? []
    : [...inner.matchAll(/((?:"[^"]*"|[^",])+)(?:,\s*|$)/g)].map(([, part = '']) => part)
}

function scalar(text: string, number: number): string {
  const quoted = /^(["'])(.*)\1$/.exec(text)
  if (quoted) return quoted[2] ?? ''
  if (/^[[\]{}&*|>"'%@`]/.test(text)) throw new Error(`line ${number}: "${text}" is beyond this reader`)
  return text
}

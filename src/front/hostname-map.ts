/** Values by host name, with wildcards: exact, then the longest `*.suffix`, then the longest `prefix.*` (ngx_hash_find_combined). */
export class HostnameMap<V> {
  readonly #exact = new Map<string, V>()
  /** Key with its leading dot. */
  readonly #suffixes = new Map<string, V>()
  /** Key with its trailing dot. */
  readonly #prefixes = new Map<string, V>()

  /** `name` is exact, `*.a.b`, `.a.b` (both) or `a.b.*`; case does not count. */
  add(name: string, value: V): 'ok' | 'conflict' | 'invalid' {
    const key = name.toLowerCase()
    if (key.startsWith('*.')) return claim(this.#suffixes, key.slice(1), value)
    if (key.endsWith('.*')) return claim(this.#prefixes, key.slice(0, -1), value)
    if (key.includes('*') || key.includes('..')) return 'invalid'
    if (!key.startsWith('.')) return claim(this.#exact, key, value)
    const both = claim(this.#suffixes, key, value)
    return both === 'ok' ? claim(this.#exact, key.slice(1), value) : both
  }

  /** An exact name only, whatever it looks like. */
  addExact(name: string, value: V): 'ok' | 'conflict' {
    return claim(this.#exact, name.toLowerCase(), value)
  }

  find(host: string): V | undefined {
    const key = host.toLowerCase()
    return this.#exact.get(key) ?? this.#bySuffix(key) ?? this.#byPrefix(key)
  }

  #bySuffix(key: string): V | undefined {
    if (this.#suffixes.size === 0) return undefined
    for (let dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', dot + 1)) {
      const value = dot > 0 ? this.#suffixes.get(key.slice(dot)) : undefined
      if (value !== undefined) return value
    }
    return undefined
  }

  #byPrefix(key: string): V | undefined {
    if (this.#prefixes.size === 0) return undefined
    for (let dot = key.lastIndexOf('.'); dot > 0; dot = key.lastIndexOf('.', dot - 1)) {
      const value = dot + 1 < key.length ? this.#prefixes.get(key.slice(0, dot + 1)) : undefined
      if (value !== undefined) return value
    }
    return undefined
  }
}

function claim<V>(values: Map<string, V>, key: string, value: V): 'ok' | 'conflict' {
  if (values.has(key)) return 'conflict'
  values.set(key, value)
  return 'ok'
}

/** What a value is, for a sentence in an error: `a string`, `an instance of Map`, `undefined`. Never its content. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  if (typeof value === 'object') return describeObject(value)
  if (typeof value === 'function') return 'a function'
  return `a ${typeof value}`
}

function describeObject(value: object): string {
  if (Array.isArray(value)) return `an array of ${value.length}`
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null || prototype === Object.prototype) {
    const keys = Object.keys(value).slice(0, 4)
    return keys.length === 0 ? 'an empty object' : `an object with the keys ${keys.join(', ')}`
  }
  return `an instance of ${constructorName(prototype)}`
}

function constructorName(prototype: unknown): string {
  if (typeof prototype !== 'object' || prototype === null || !('constructor' in prototype)) return 'something'
  const { constructor } = prototype
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'something'
}

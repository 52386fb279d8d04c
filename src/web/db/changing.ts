/**
 * Marks methods as ones that change data, so that a template that names one does not call it: `{{ entry.delete }}`
 * must not delete anything (the template room reads `altersData`, Django's mark).
 */
export function markChanging<T extends object>(prototype: T, names: readonly (keyof T)[]): void {
  for (const name of names) {
    const method: unknown = prototype[name]
    if (typeof method === 'function') Object.assign(method, { altersData: true })
  }
}

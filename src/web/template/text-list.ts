/** "a, b or c" */
export function textList(items: readonly string[], lastWord = 'or'): string {
  const last = items.at(-1)
  if (last === undefined) return ''
  return items.length === 1 ? last : `${items.slice(0, -1).join(', ')} ${lastWord} ${last}`
}

/** Safe strings, which are objects of their own here, and whatever else is HTML: see SafeString. */
export interface TextLike {
  toHtml(): string
}

export function isTextLike(value: unknown): value is TextLike {
  return (
    typeof value === 'object' && value !== null && 'toHtml' in value && typeof value.toHtml === 'function'
  )
}

const quote = 0x22
const backslash = 0x5c

/** Whether arrays and objects of the JSON text stand more than `limit` deep in each other. */
export function isNestedDeeper(json: string, limit: number): boolean {
  if (json.length <= limit) return false
  let depth = 0
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at)
    if (code === quote) at = endOfString(json, at)
    else if (code === 0x5b || code === 0x7b) {
      depth += 1
      if (depth > limit) return true
    } else if (code === 0x5d || code === 0x7d) depth -= 1
  }
  return false
}

/** Where the string that begins at `start` has its closing quote; behind the text when it has none. */
function endOfString(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at += 1) {
    const code = json.charCodeAt(at)
    if (code === quote) return at
    if (code === backslash) at += 1
  }
  return json.length
}

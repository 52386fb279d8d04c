const SPACE = /\s/

/** Splits at white space that is not inside of single or double quotes; quotes and backslashes stay in. */
export function smartSplit(text: string): string[] {
  const words: string[] = []
  let at = 0
  while (at < text.length) {
    if (SPACE.test(text.charAt(at))) {
      at++
      continue
    }
    const end = quotedWordEnd(text, at) ?? plainWordEnd(text, at)
    words.push(text.slice(at, end))
    at = end
  }
  return words
}

function plainWordEnd(text: string, start: number): number {
  let at = start
  while (at < text.length && !SPACE.test(text.charAt(at))) at++
  return at
}

/**
 * Where a word with at least one closed pair of quotes ends; `undefined` when there is none. A quote that is never
 * closed ends the word before it.
 */
function quotedWordEnd(text: string, start: number): number | undefined {
  let wordEnd: number | undefined
  let at = start
  while (at < text.length) {
    const character = text.charAt(at)
    if (SPACE.test(character)) break
    if (character === '"' || character === "'") {
      const closing = closingQuote(text, at)
      if (closing === undefined) return wordEnd
      at = wordEnd = closing + 1
    } else {
      at++
      if (wordEnd !== undefined) wordEnd = at
    }
  }
  return wordEnd
}

function closingQuote(text: string, open: number): number | undefined {
  const quote = text.charAt(open)
  for (let at = open + 1; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '\\') at++
    else if (character === quote) return at
  }
  return undefined
}

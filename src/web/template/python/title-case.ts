const LETTER = /^[\p{Lu}\p{Ll}\p{Lt}]/u

/** Python's `str.title`: every letter after something that is no letter becomes a capital, all others small. */
export function titleCase(text: string): string {
  let titled = ''
  let afterLetter = false
  for (const character of text) {
    const isLetter = isCased(character)
    titled += isLetter && !afterLetter ? capital(character) : isLetter ? character.toLowerCase() : character
    afterLetter = isLetter
  }
  return titled
}

function isCased(character: string): boolean {
  return LETTER.test(character) || character.toLowerCase() !== character.toUpperCase()
}

/** Letters such as ß become two when written large, of which only the first is a capital. */
function capital(character: string): string {
  const [first = '', ...rest] = character.toUpperCase()
  return first + rest.join('').toLowerCase()
}

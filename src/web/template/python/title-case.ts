const LETTER = /^[\p{Lu}\p{Ll}\p{Lt}]/u

/** Python's `str.title`: every letter after something that is no letter becomes a capital, all others small. */
export function titleCase(text: string): string {
  let titled = ''
  let afterLetter = false
  for (const character of text) {
    const unit = character.charCodeAt(0)
    if (unit < 0x80) {
      const isCapital = unit >= 0x41 && unit <= 0x5a
      const isSmall = unit >= 0x61 && unit <= 0x7a
      if (isSmall && !afterLetter) titled += character.toUpperCase()
      else titled += isCapital && afterLetter ? character.toLowerCase() : character
      afterLetter = isCapital || isSmall
      continue
    }
    const isLetter = isCased(character)
    titled += isLetter && !afterLetter ? capital(character) : isLetter ? character.toLowerCase() : character
    afterLetter = isLetter
  }
  return titled
}

function isCased(character: string): boolean {
  return LETTER.test(character) || character.toLowerCase() !== character.toUpperCase()
}

/** Letters that Unicode gives a form for titles of its own: digraphs, and Georgian, which has no capitals there. */
const TITLE_FORMS: ReadonlyMap<string, string> = new Map(
  ['\u01c5\u01c4\u01c6', '\u01c8\u01c7\u01c9', '\u01cb\u01ca\u01cc', '\u01f2\u01f1\u01f3'].flatMap(
    ([title = '', ...others]) => [title, ...others].map((form): [string, string] => [form, title]),
  ),
)
const GEORGIAN = /[\u10d0-\u10fa\u10fd-\u10ff]/

/** Letters such as ß become two when written large, of which only the first is a capital. */
function capital(character: string): string {
  const form = TITLE_FORMS.get(character)
  if (form !== undefined || GEORGIAN.test(character)) return form ?? character
  const [first = '', ...rest] = character.toUpperCase()
  return first + (isCased(first) ? rest.join('').toLowerCase() : rest.join(''))
}

const LETTER = /^[\p{Lu}\p{Ll}\p{Lt}]/u

/** Python's `str.title`: every letter after something that is no letter becomes a capital, all others small. */
export function titleCase(text: string): string {
  let titled = ''
  let afterLetter = false
  let at = 0
  for (const character of text) {
    const place = at
    at += character.length
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
    titled +=
      isLetter && !afterLetter ? capital(character) : isLetter ? small(character, text, place) : character
    afterLetter = isLetter
  }
  return titled
}

/** Greek's sigma has a form of its own at the end of a word (Unicode, Final_Sigma): what is around it tells. */
function small(character: string, text: string, at: number): string {
  if (character !== '\u03a3') return character.toLowerCase()
  const before = /\p{Cased}\p{Case_Ignorable}*$/u.test(text.slice(Math.max(0, at - 20), at))
  const after = /^\p{Case_Ignorable}*\p{Cased}/u.test(text.slice(at + 1, at + 21))
  return before && !after ? '\u03c2' : '\u03c3'
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

/** The text that printers have used since the sixteenth century. */
const COMMON =
  'Lorem ipsum dolor sit amet, consectetur adipisicing elit, sed do eiusmod tempor incididunt ut labore et dolore ' +
  'magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo ' +
  'consequat. Duis aute irure dolor in reprehenderit in voluptate velit esse cillum dolore eu fugiat nulla pariatur. ' +
  'Excepteur sint occaecat cupidatat non proident, sunt in culpa qui officia deserunt mollit anim id est laborum.'

const COMMON_WORDS = COMMON.toLowerCase()
  .split(/[,.]? /)
  .slice(0, 19)

/** Cicero, De finibus bonorum et malorum, 1.32 and 33, from which the text above was made. */
const CICERO =
  'sed ut perspiciatis unde omnis iste natus error sit voluptatem accusantium doloremque laudantium totam rem aperiam ' +
  'eaque ipsa quae ab illo inventore veritatis et quasi architecto beatae vitae dicta sunt explicabo nemo enim ipsam ' +
  'quia voluptas aspernatur aut odit fugit consequuntur magni dolores eos qui ratione sequi nesciunt neque porro ' +
  'quisquam est dolorem ipsum dolor amet consectetur adipisci velit non numquam eius modi tempora incidunt labore ' +
  'dolore magnam aliquam quaerat minima veniam quis nostrum exercitationem ullam corporis suscipit laboriosam nisi ' +
  'aliquid ex ea commodi consequatur autem vel eum iure in voluptate esse quam nihil molestiae illum quo nulla pariatur'

const WORDS: readonly string[] = [...new Set(CICERO.split(' '))]

/** More than this is no sample text; the number may be a variable. */
const MAX_COUNT = 10_000

type Random = () => number

function between(low: number, high: number, random: Random): number {
  return low + Math.floor(random() * (high - low + 1))
}

/** Words of which none comes twice: a shuffle that ends early. */
function sample(count: number, random: Random): string[] {
  const pool = [...WORDS]
  const size = Math.min(count, pool.length)
  for (let i = 0; i < size; i++) {
    const j = between(i, pool.length - 1, random)
    const word = pool[i] ?? ''
    pool[i] = pool[j] ?? ''
    pool[j] = word
  }
  return pool.slice(0, size)
}

function sentence(random: Random): string {
  const sections = Array.from({ length: between(1, 5, random) }, () =>
    sample(between(3, 12, random), random).join(' '),
  )
  const text = sections.join(', ')
  return text.charAt(0).toUpperCase() + text.slice(1) + (random() < 0.5 ? '?' : '.')
}

/** With `common`, the first paragraph is the well-known one. */
export function loremParagraphs(count: number, common: boolean, random: Random): string[] {
  return Array.from({ length: Math.max(0, Math.min(count, MAX_COUNT)) }, (_, i) =>
    common && i === 0
      ? COMMON
      : Array.from({ length: between(1, 4, random) }, () => sentence(random)).join(' '),
  )
}

/** With `common`, the well-known words come first. */
export function loremWords(count: number, common: boolean, random: Random): string {
  const wanted = Math.min(count, MAX_COUNT)
  const words = common ? COMMON_WORDS.slice(0, wanted) : []
  while (words.length < wanted) words.push(...sample(wanted - words.length, random))
  return words.join(' ')
}

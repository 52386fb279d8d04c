/** Makes confs by nginx's grammar: most of them sound, many with one thing that may be wrong. By a seed. */
import { SeededRandom } from '../seeded-random.ts'
import { DIRECTIVES, ENTRY_BLOCKS, KINDS } from './vocabulary.ts'

const MARKS = [';', '{', '}', '"', "'", '\\', '#', '$', ' ', '\n', '\r', '\t', '\0', '\ufeff', '()', '${'] // prettier-ignore
const METHODS = ['GET', 'GET POST', 'HEAD', 'PUT']
const DOUBTFUL_METHODS = ['get', 'NOSUCH', 'GET GET']

/** Rows by the place where they may stand. */
const ROWS = Map.groupBy(
  DIRECTIVES.flatMap((row) => row[1].split(' ').map((place) => ({ place, row }))),
  ({ place }) => place,
)

export class ConfMaker {
  readonly #random: SeededRandom
  /** How many more values may come from the edge of their kind. */
  #doubts = 0
  #locations = 0

  constructor(seed: number) {
    this.#random = new SeededRandom(seed)
  }

  next(): string {
    const way = this.#random.below(10)
    this.#doubts = way < 6 ? 1 : 0
    this.#locations = 0
    const text = `events { }\nhttp {\n${this.#http()}}\n`
    return way < 8 ? text : this.#spoil(text)
  }

  #http(): string {
    const random = this.#random
    let text = this.#statements('http', 3)
    for (let left = random.below(2); left > 0; left -= 1) text += this.#entryBlock()
    if (!random.once(20)) text += this.#block('upstream u', 'server 127.0.0.1:1;\n' + this.#statements('upstream', 3))
    for (let left = 1 + random.below(2); left > 0; left -= 1) text += this.#server()
    return text
  } // prettier-ignore

  #server(): string {
    let text = this.#statements('server', 4)
    for (let left = this.#random.below(4); left > 0; left -= 1) text += this.#location()
    if (this.#random.once(4)) text += this.#if('sif')
    if (this.#random.once(2)) text += this.#block('location @n', this.#statements('location', 2))
    return this.#block('server', text)
  }

  /** Each has a name of its own and stands in what it belongs to, but for those in doubt. */
  #location(parent = ''): string {
    const random = this.#random
    const [modifier, name] = this.#locationName(parent)
    let text = this.#statements('location', 4)
    if (random.once(4)) text += this.#if('lif')
    if (random.once(8)) text += this.#limitExcept()
    if (modifier === '' && random.once(3)) text += this.#location(name)
    return this.#block(`location ${modifier}${name}`, text)
  }

  #locationName(parent: string): readonly [modifier: string, name: string] {
    const random = this.#random
    if (this.#inDoubt(6)) return ['', this.#edge(random.once(2) ? 'prefix' : 'regex')]
    this.#locations += 1
    const name = `${parent}/${this.#locations}`
    const way = random.below(6)
    if (way === 0) return ['= ', name]
    if (way === 1) return ['^~ ', name]
    if (way === 2) return [random.once(2) ? '~ ' : '~* ', this.#fill('<regex>')]
    return ['', name]
  }

  #limitExcept(): string {
    const methods = this.#random.pick(this.#inDoubt(3) ? DOUBTFUL_METHODS : METHODS)
    return this.#block(`limit_except ${methods}`, this.#fill('deny <net>;\n'))
  }

  #if(place: 'sif' | 'lif'): string {
    return this.#block(this.#fill('if (<condition>)'), this.#statements(place, 2))
  }

  #entryBlock(): string {
    const [head = '', ...entries] = this.#random.pick(ENTRY_BLOCKS)
    let text = ''
    for (let left = this.#random.below(4); left > 0; left -= 1) {
      text += `${this.#fill(this.#choose(entries))}\n`
    }
    return this.#block(this.#fill(head), text)
  }

  #block(head: string, content: string): string {
    return `${head} {\n${content}}\n`
  }

  /** Up to `most`, a name once: what is written twice is spoiling's part. */
  #statements(place: string, most: number): string {
    const rows = ROWS.get(place) ?? []
    const seen = new Set<string>()
    let text = ''
    for (let left = this.#random.below(most + 1); left > 0; left -= 1) {
      const [name, , ...args] = this.#random.pick(rows).row
      // all of its arguments are doubtful
      if (seen.has(name) || (this.#doubts === 0 && args.every((text) => text.startsWith('?')))) continue
      seen.add(name)
      text += `${`${name} ${this.#fill(this.#choose(args))}`.trimEnd()};\n`
    }
    return text
  }

  /** One of the sound arguments; where all are doubtful, or doubt is wanted, one of those. */
  #choose(args: readonly string[]): string {
    const doubtful = args.filter((text) => text.startsWith('?'))
    const sound = args.filter((text) => !text.startsWith('?'))
    if (doubtful.length > 0 && this.#inDoubt(3)) return this.#random.pick(doubtful).slice(1)
    return sound.length === 0 ? '' : this.#random.pick(sound)
  }

  #fill(text: string): string {
    return text.replace(/<(\w+)>/g, (whole, name: string) => {
      const kind = KINDS.get(name)
      if (kind === undefined) return whole
      return this.#inDoubt(6) ? this.#edge(name) : this.#random.pick(kind.sound)
    })
  }

  #edge(kind: string): string {
    return this.#random.pick(KINDS.get(kind)?.edge ?? [''])
  }

  /** Once in `times`, while there may be doubt. */
  #inDoubt(times: number): boolean {
    if (this.#doubts === 0 || !this.#random.once(times)) return false
    this.#doubts -= 1
    return true
  }

  /** One change to the text of a sound conf. */
  #spoil(text: string): string {
    const random = this.#random
    const lines = text.split('\n')
    const line = random.below(lines.length)
    const words = (lines[line] ?? '').split(' ')
    const word = random.below(words.length)
    const at = random.below(text.length)
    switch (random.below(9)) {
      case 0:
        return text.slice(0, at) + random.pick(MARKS) + text.slice(at)
      case 1:
        return text.slice(0, at)
      case 2:
        return lines.toSpliced(line, 1).join('\n')
      case 3:
        return lines.toSpliced(line, 0, lines[line] ?? '').join('\n')
      case 4:
        return lines.toSpliced(line, 1).toSpliced(random.below(lines.length), 0, lines[line] ?? '').join('\n')
      case 5:
        return lines.with(line, words.toSpliced(word, 1).join(' ')).join('\n')
      case 6:
        return lines.with(line, words.toSpliced(word, 0, words[word] ?? '').join(' ')).join('\n')
      case 7:
        return text.replace(/[;{}](?=\n)/g, (mark, index: number) => (index >= at && index < at + 40 ? '' : mark))
      default:
        return text.replaceAll('\n', '\r\n')
    }
  } // prettier-ignore
}

/** nginx's command line. */

export interface ServerArguments {
  readonly help: boolean
  readonly version: boolean
  /** `-V`: version and build. */
  readonly build: boolean
  readonly test: boolean
  /** `-T`: test and print the conf. */
  readonly dump: boolean
  readonly quiet: boolean
  readonly signal: 'stop' | 'quit' | 'reload' | 'reopen' | undefined
  readonly prefix: string | undefined
  readonly conf: string | undefined
  readonly errorLog: string | undefined
  /** `-g`: directives of the main context. */
  readonly directives: string
}

export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const SIGNALS = ['stop', 'quit', 'reload', 'reopen'] as const

/** Options may be written together (`-tq`) and with or without a space before their value (`-pDIR`). */
export function parseServerArguments(argv: readonly string[]): ServerArguments {
  const result = {
    help: false,
    version: false,
    build: false,
    test: false,
    dump: false,
    quiet: false,
    signal: undefined as ServerArguments['signal'],
    prefix: undefined as string | undefined,
    conf: undefined as string | undefined,
    errorLog: undefined as string | undefined,
    directives: '',
  }
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? ''
    if (!word.startsWith('-') || word === '-') throw new UsageError(`invalid option: "${word}"`)
    for (let at = 1; at < word.length; at += 1) {
      const letter = word.charAt(at)
      const value = (): string => {
        const rest = word.slice(at + 1)
        at = word.length
        if (rest !== '') return rest
        index += 1
        return argv[index] ?? missing(letter)
      }
      switch (letter) {
        case '?':
        case 'h':
          result.help = true
          break
        case 'v':
          result.version = true
          break
        case 'V':
          result.build = true
          break
        case 't':
          result.test = true
          break
        case 'T':
          result.test = result.dump = true
          break
        case 'q':
          result.quiet = true
          break
        case 'p':
          result.prefix = value()
          break
        case 'c':
          result.conf = value()
          break
        case 'e':
          result.errorLog = value()
          break
        case 'g':
          result.directives = value()
          break
        case 's': {
          const name = value()
          result.signal = SIGNALS.find((known) => known === name)
          if (!result.signal) throw new UsageError(`invalid option: "-s ${name}"`)
          break
        }
        default:
          throw new UsageError(`invalid option: "${letter}"`)
      }
    }
  }
  return result
}

const NEEDS: Record<string, string> = {
  p: 'directory name',
  c: 'file name',
  e: 'file name',
  g: 'parameter',
  s: 'parameter',
}

function missing(letter: string): never {
  throw new UsageError(`option "-${letter}" requires ${NEEDS[letter] ?? 'parameter'}`)
}

/** The completion of fish, which shows what each word is for. */
import type { CompletedCommand, CompletedOption } from './completion-words.ts'

export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const [server, ...named] = commands
  const lines = [
    '# portico completion fish > ~/.config/fish/completions/portico.fish',
    ...(server?.options ?? []).map((option) => optionLine('__fish_use_subcommand', option)),
    ...named.flatMap((command) => linesOf(command)),
  ]
  return `${lines.join('\n')}\n`
}

function linesOf({ path, summary, words, options }: CompletedCommand): string[] {
  const [name = '', below] = path
  const isSeen = path.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ')
  const before = below === undefined ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${name}`
  return [
    `complete -c portico -f -n ${quoted(before)} -a ${quoted(below ?? name)} -d ${quoted(summary)}`,
    ...(words.length > 0 && name !== 'manage'
      ? [`complete -c portico -f -n ${quoted(isSeen)} -a ${quoted(words.join(' '))}`]
      : []),
    ...options.map((option) => optionLine(isSeen, option)),
  ]
}

function optionLine(condition: string, { names, takes, choices, help }: CompletedOption): string {
  const spelled = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
  const value = takes === 'nothing' ? '' : takes === 'word' ? ` -x -a ${quoted(choices.join(' '))}` : ' -r -F'
  return `complete -c portico -n ${quoted(condition)} ${spelled.join(' ')}${value} -d ${quoted(help)}`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

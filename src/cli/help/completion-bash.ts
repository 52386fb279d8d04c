/** The completion of bash, and of zsh by its emulation of the same. */
import type { CompletedCommand, CompletedOption } from './completion-words.ts'

/** A function that only looks words up: the program itself is not started while somebody types. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const [server, ...named] = commands
  const top = [...named.filter(({ path }) => path.length === 1).map(({ path }) => path[0] ?? '')]
  return `# source <(portico completion bash)
_portico() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]} words=
  [[ $command == manage && $COMP_CWORD -gt 2 ]] && command="manage \${COMP_WORDS[2]}"
  [[ $COMP_CWORD -eq 1 ]] && command=
  COMPREPLY=()
  case $command in
${[...named].map((one) => branch(`'${one.path.join(' ')}'`, one)).join('')}${branch('*', server, top)}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ \${#COMPREPLY[@]} -eq 0 && $current != -* ]] && COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _portico portico
`
}

/** zsh knows bash's way by a module of its own. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  return `# source <(portico completion zsh)
autoload -U +X compinit && compinit
autoload -U +X bashcompinit && bashcompinit
${bashCompletion(commands)}`
}

function branch(
  pattern: string,
  command: CompletedCommand | undefined,
  more: readonly string[] = [],
): string {
  if (command === undefined) return ''
  const values = command.options.filter(({ takes }) => takes !== 'nothing').map(valueBranch)
  const words = [...more, ...command.words, ...command.options.flatMap(({ names }) => names)]
  const cases = values.length > 0 ? `      case $previous in\n${values.join('')}      esac\n` : ''
  return `    ${pattern})\n${cases}      words=${quoted(words.join(' '))} ;;\n`
}

function valueBranch({ names, takes, choices }: CompletedOption): string {
  const reply =
    takes === 'folder'
      ? 'COMPREPLY=($(compgen -d -- "$current"))'
      : takes === 'file'
        ? 'COMPREPLY=($(compgen -f -- "$current"))'
        : choices.length > 0
          ? `COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$current"))`
          : ':'
  return `        ${names.join('|')}) ${reply}; return ;;\n`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

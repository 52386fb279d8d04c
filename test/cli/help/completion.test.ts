/** Completion, as a real bash answers. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bashCompletion, zshCompletion } from '../../../src/cli/help/completion-bash.ts'
import { fishCompletion } from '../../../src/cli/help/completion-fish.ts'
import { completedCommands } from '../../../src/cli/help/completion-words.ts'
import { COMMANDS } from '../../../src/cli/help/command-table.ts'
import { commandNames } from '../../../src/cli/help/help-text.ts'
import { MANAGEMENT_COMMANDS } from '../../../src/web/management/execute.ts'

const ASK = `
source ./portico.bash
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_portico
printf '%s\\n' "\${COMPREPLY[@]}"
`

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'portico-completion-'))
  writeFileSync(join(folder, 'portico.bash'), bashCompletion(completedCommands()))
  writeFileSync(join(folder, 'ask.bash'), ASK)
  writeFileSync(join(folder, 'site.conf'), '')
  mkdirSync(join(folder, 'shop'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What is offered for the last word. */
function complete(...words: string[]): string[] {
  const out = execFileSync('bash', ['--norc', 'ask.bash', 'portico', ...words], { cwd: folder })
  return out.toString().split('\n').filter(Boolean).sort()
}

describe('portico completion bash', () => {
  it('offers commands, and those that begin so', () => {
    expect(complete('')).toEqual(expect.arrayContaining([...commandNames()]))
    expect(complete('di')).toEqual(['directives'])
    expect(complete('d')).toEqual(['demo', 'dev', 'directives'])
  })

  it.each<[string, string[], string[]]>([
    ["the server's letters", ['-'], ['-T', '-V', '-c', '-e', '-g', '-h', '-p', '-q', '-s', '-t', '-v']],
    ['the signals', ['-s', ''], ['quit', 'reload', 'reopen', 'stop']],
    ['a file for -c', ['-t', '-c', 'si'], ['site.conf']],
    ['a folder for -p', ['-p', 's'], ['shop']],
    ['options of a command', ['dev', '--'], ['--conf', '--help', '--host', '--port']],
    ['nothing for a value that is anything', ['dev', '--port', ''], []],
    ['the values that there are', ['app', '--protocol', ''], ['fastcgi', 'http', 'scgi', 'uwsgi']],
    ['words of a command', ['completion', 'f'], ['fish']],
    ['commands after help', ['help', 'pro'], ['probe']],
    [
      'management commands',
      ['manage', 'c'],
      ['changepassword', 'check', 'clearsessions', 'collectstatic', 'createsuperuser'],
    ],
    ['their options', ['manage', 'check', '--'], ['--deploy', '--fail-on-warnings', '--help', '--settings']],
    ['files where nothing else may stand', ['demo', 'sh'], ['shop']],
  ])('offers %s', (_what, words, expected) => {
    expect(complete(...words)).toEqual(expected)
  })

  it('offers every option of the tables', () => {
    for (const name of commandNames())
      expect(complete(name, '-')).toEqual(
        expect.arrayContaining(Object.keys(COMMANDS[name].options).map((option) => `--${option}`)),
      )
  })
})

describe('The other shells', () => {
  it('have the same words', () => {
    const fish = fishCompletion(completedCommands())
    for (const name of commandNames()) expect(fish).toContain(`-a '${name}' -d `)
    for (const name of MANAGEMENT_COMMANDS.keys()) expect(fish).toContain(` -a '${name}' -d `)
    expect(fish).toContain(
      "complete -c portico -n '__fish_seen_subcommand_from dev' -s p -l port -x -a '' -d 'listen here, in place of what the conf says'",
    )
    expect(zshCompletion(completedCommands())).toContain(bashCompletion(completedCommands()))
  })
})

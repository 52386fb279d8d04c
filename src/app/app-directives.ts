/** Rows of the block `app name { }`: an application that the master runs. A table. */
import type { AnyDirective, BlockDirective, Directive, ListDirective } from '../config/directive.ts'
import { choiceRow, numberRow, textRow } from '../config/rows.ts'

const APP = ['app'] as const

/** What workers of ours speak, and programs that `command` names. */
export const APP_PROTOCOLS = ['fastcgi', 'uwsgi', 'scgi', 'http'] as const

export const app: BlockDirective<string> = {
  kind: 'block',
  name: 'app',
  contexts: ['main'],
  args: 1,
  syntax: 'name { ... }',
  doc: 'An application in processes of its own, which the master starts, watches and replaces; app_pass sends requests to it.',
  opens: 'app',
  parse: ([name], at) => {
    const text = name?.text ?? ''
    return /^[A-Za-z0-9_-]{1,40}$/.test(text) ? text : at.fail(`invalid app name "${text}"`)
  },
}

export const entry: Directive<string | undefined> = {
  kind: 'single',
  name: 'entry',
  contexts: APP,
  args: 1,
  syntax: 'file',
  default: undefined,
  doc: 'Module with an export `application`. Relative to the prefix.',
  parse: ([file], at) => at.path(file?.text ?? '', 'prefix'),
}

export const command: Directive<readonly string[] | undefined> = {
  kind: 'single',
  name: 'command',
  contexts: APP,
  args: { min: 1 },
  syntax: 'program [argument ...]',
  default: undefined,
  doc: 'A program that speaks the protocol on $app_address (`unix:/path`) or $app_path (`/path`), or on the address that `listen` names, instead of an entry.',
  parse: (args) => args.map((word) => word.text),
}

export const protocol = choiceRow(
  { name: 'protocol', contexts: APP, default: 'fastcgi', doc: 'Protocol between the front and the workers.' },
  APP_PROTOCOLS,
)
export const workers = numberRow(
  { name: 'workers', contexts: APP, default: 1, doc: 'Number of processes.' },
  { min: 1, max: 1024 },
)
export const workingDirectory = textRow<undefined>({
  name: 'working_directory',
  contexts: APP,
  default: undefined,
  doc: 'Folder in which the workers run; the prefix by default.',
})

export const appListen: Directive<string | undefined> = {
  kind: 'single',
  name: 'listen',
  contexts: APP,
  args: 1,
  syntax: 'address:port | unix:path',
  default: undefined,
  doc: 'A further address, shared by all workers, for another front. Our own front uses private sockets.',
  parse: ([address]) => address?.text ?? '',
}

export interface EnvRow {
  readonly name: string
  readonly value: string
}

export const appEnv: ListDirective<EnvRow> = {
  kind: 'list',
  name: 'env',
  contexts: APP,
  args: { min: 1, max: 2 },
  syntax: 'NAME value | NAME=value',
  doc: 'A variable in the environment of the workers.',
  parse: ([first, second], at) => {
    const text = first?.text ?? ''
    const equals = text.indexOf('=')
    const name = second || equals < 0 ? text : text.slice(0, equals)
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return at.fail(`invalid variable name "${name}"`)
    return { name, value: second ? second.text : equals < 0 ? '' : text.slice(equals + 1) }
  },
}

export const appDirectives: readonly AnyDirective[] = [
  app,
  entry,
  command,
  protocol,
  workers,
  workingDirectory,
  appListen,
  appEnv,
]

/** `portico new NAME`: writes a small project that starts with `npm start` and passes `npm test`. */
import { randomBytes } from 'node:crypto'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createFile, fileNames } from '../../io/files/project-files.ts'
import { readTextFile } from '../../io/files/text-file.ts'
import { VERSION } from '../../front/special-response.ts'
import { COMMANDS } from '../help/command-table.ts'
import { helpText } from '../help/help-text.ts'
import { manageCommand } from '../manage-command.ts'
import { isSingleExecutable } from '../own-program.ts'
import { packageFile, packageRoot } from '../package-files.ts'
import { projectFiles } from './project-files.ts'

/** npm's rule for names, without scopes. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,99}$/

/** Answers the exit code. */
export async function newCommand(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: COMMANDS.new.options,
    allowPositionals: true,
  })
  const [path] = positionals
  if (values.help === true || path === undefined) {
    process.stdout.write(helpText('new'))
    return values.help === true ? 0 : 1
  }
  const folder = resolve(path)
  const name = folder.slice(folder.lastIndexOf('/') + 1)
  const problem = !NAME.test(name)
    ? `'${name}' is no name for a package: small letters, digits, '-', '.' and '_'.`
    : fileNames(folder).some((one) => one !== 'node_modules' && one !== '.git')
      ? `${folder} is there already, and not empty.`
      : undefined
  if (problem !== undefined) {
    process.stderr.write(`portico: ${problem}\n`)
    return 1
  }
  const secretKey = randomBytes(48).toString('base64url')
  const files = {
    ...projectFiles({ name, dependency: values.package ?? ownSource(), secretKey }),
    'conf/mime.types': packageFile('conf/mime.types').toString('utf8'),
  }
  for (const [file, text] of Object.entries(files))
    createFile(join(folder, file), text, file === '.secret-key' ? 0o600 : undefined)
  if (isSingleExecutable) return migrateNew(folder, path)
  process.stdout.write(`Made ${folder}. Next:\n\n  cd ${path}\n  npm install\n  npm start\n`)
  return 0
}

/** Nothing has to be installed before its tables are made: it can be served at once. */
async function migrateNew(folder: string, path: string): Promise<number> {
  const [program] = [relative(folder, process.execPath), process.execPath].sort((a, b) => a.length - b.length)
  process.chdir(folder)
  const code = await manageCommand(['migrate'])
  if (code !== 0) return code
  process.stdout.write(`Made ${folder}. Next:\n\n  cd ${path}\n  ${program}\n`)
  return 0
}

/** A version from a registry, the tarball it was installed from, or the folder it runs in. */
function ownSource(): string {
  if (isSingleExecutable) return `^${VERSION}`
  const root = packageRoot()
  const above = dirname(root)
  if (!above.endsWith('node_modules')) return `file:${root}`
  const lock = parsed(readTextFile(join(above, '.package-lock.json')))
  const resolved = lock?.packages?.['node_modules/portico']?.resolved
  if (resolved?.startsWith('file:') === true) {
    const file = resolved.slice('file:'.length)
    return `file:${isAbsolute(file) ? file : resolve(dirname(above), file)}`
  }
  return `^${VERSION}`
}

interface LockFile {
  readonly packages?: Readonly<Record<string, { readonly resolved?: string } | undefined>>
}

function parsed(text: string | undefined): LockFile | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as LockFile)
}

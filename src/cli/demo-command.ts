/** `portico demo`: the demo site with its sources in a folder of its own, served. */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { VERSION } from '../front/special-response.ts'
import { fileNames, linkFolder, writeFile } from '../io/files/project-files.ts'
import { readTextFile } from '../io/files/text-file.ts'
import { COMMANDS } from './help/command-table.ts'
import { helpText } from './help/help-text.ts'
import { isSingleExecutable } from './own-program.ts'
import { packageFile, packagePaths, packageRoot } from './package-files.ts'
import { serverCommand } from './server-command.ts'

const NAME = 'portico-demo'
const CONF = 'conf/portico.conf'

/** Answers the exit code, when the server has ended. */
export async function demoCommand(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: COMMANDS.demo.options,
    allowPositionals: true,
  })
  if (values.help === true) {
    process.stdout.write(helpText('demo'))
    return 0
  }
  const folder = resolve(positionals[0] ?? NAME)
  const version = demoVersion(folder)
  if (version === undefined && fileNames(folder).length > 0) {
    process.stderr.write(
      `portico: ${folder} is there already, and is no demo. Name another: portico demo FOLDER\n`,
    )
    return 1
  }
  if (version !== VERSION) writeDemo(folder)
  const listen = values.listen ?? '127.0.0.1:8080'
  writeFile(join(folder, CONF), confFor(listen))
  const place = listen.startsWith('unix:')
    ? listen
    : `http://${/^\d+$/.test(listen) ? `127.0.0.1:${listen}` : listen}/`
  process.stdout.write(`The demo stands in ${folder}, with its sources: ${place}\n`)
  return serverCommand(['-p', folder])
}

/** The version whose demo stands in the folder; undefined where there is none. */
function demoVersion(folder: string): string | undefined {
  const text = readTextFile(join(folder, 'package.json'))
  if (text === undefined) return undefined
  const { name, version } = JSON.parse(text) as { readonly name?: string; readonly version?: string }
  return name === NAME ? version : undefined
}

function writeDemo(folder: string): void {
  for (const path of ['conf', 'public', 'src/demo'].flatMap(packagePaths))
    if (!path.endsWith('.md')) writeFile(join(folder, path), packageFile(path))
  writeFile(join(folder, 'run/.gitkeep'), '')
  // An executable brings the framework with it; what runs on Node.js looks for a package.
  if (!isSingleExecutable) linkFolder(join(folder, 'node_modules/portico'), packageRoot())
  // Last: with it the folder counts as complete.
  writeFile(
    join(folder, 'package.json'),
    `${JSON.stringify({ name: NAME, version: VERSION, private: true, type: 'module' }, null, 2)}\n`,
  )
}

function confFor(listen: string): string {
  return packageFile(CONF)
    .toString('utf8')
    .replace(/^( *listen +)\S+;/m, (_, indented: string) => `${indented}${listen};`)
}

/** `portico manage`: what a command needs of the process, and the framework of the project it is called in. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { start } from 'node:repl'
import { type Readable, Writable } from 'node:stream'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { pathToFileURL } from 'node:url'
import { isSingleExecutable } from './own-program.ts'
import { ProgressLine } from './progress-line.ts'
import type { ManagementContext } from '../web/management/command.ts'

interface Framework {
  executeFromCommandLine(context: ManagementContext): Promise<number>
}

/** Answers the exit code. */
export async function manageCommand(argv: readonly string[]): Promise<number> {
  const asksOnly =
    argv.length === 0 || argv.some((word) => word === 'help' || word === '--help' || word === '-h')
  const framework = (await projectFramework()) ?? (asksOnly ? await ownFramework() : undefined)
  if (framework === undefined) {
    process.stderr.write(
      `portico: the package portico cannot be found from ${process.cwd()}.\n` +
        "  Go to the project's folder and run: npm install. A new project: portico new NAME\n",
    )
    return 1
  }
  return framework.executeFromCommandLine({
    argv,
    env: process.env,
    cwd: process.cwd(),
    write: (text) => process.stdout.write(text),
    writeError: (text) => process.stderr.write(text),
    progress: process.stdout.isTTY ? terminalProgress() : null,
    prompt: process.stdin.isTTY ? prompt : null,
    openShell,
    runTests,
  })
}

/** For what no project is needed for. */
function ownFramework(): Promise<Framework> {
  return import('../web/management/execute.ts')
}

/** The one that the project's own modules import: models and settings are known to that one only. */
async function projectFramework(): Promise<Framework | undefined> {
  let path: string
  // a name that the bundler must not look for
  if (isSingleExecutable) return (await import(['portico', 'web'].join('/'))) as Framework
  try {
    path = createRequire(join(process.cwd(), 'settings.ts')).resolve('portico/web')
  } catch {
    return undefined
  }
  return (await import(pathToFileURL(path).href)) as Framework
}

function terminalProgress(): ProgressLine {
  return new ProgressLine({
    write: (text) => process.stdout.write(text),
    columns: () => process.stdout.columns,
    now: () => performance.now(),
  })
}

async function prompt(question: string, { hidden }: { readonly hidden: boolean }): Promise<string> {
  // What is typed is shown by readline's output; a password's goes nowhere.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  if (hidden) process.stdout.write(question)
  const output = hidden ? silent : process.stdout
  const lines = createInterface({ input: process.stdin, output, terminal: true })
  try {
    return await lines.question(hidden ? '' : question)
  } finally {
    lines.close()
    if (hidden) process.stdout.write('\n')
  }
}

function openShell(names: Readonly<Record<string, unknown>>): Promise<void> {
  return new Promise((resolve) => {
    const shell = start({ prompt: 'portico> ' })
    Object.assign(shell.context, names)
    shell.on('exit', resolve)
  })
}

function runTests(files: readonly string[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let isPassed = true
    // A process for each file would be this executable, which runs no files.
    const stream = run({ files: [...files], ...(isSingleExecutable && { isolation: 'none' as const }) })
    stream.on('test:fail', () => {
      isPassed = false
    })
    stream.on('error', reject)
    // The types of node:stream say any for what compose gives.
    const report = stream.compose(new spec()) as Readable
    report.on('end', () => resolve(isPassed))
    report.pipe(process.stdout, { end: false })
  })
}

/** Finds the tests that tables name: by file, and by words of the test's name or of the row that makes it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transpileModule, ScriptTarget } from 'typescript'

/** File below test/, and part of each test's name. */
export type NamedTests = readonly [file: string, ...names: string[]]

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const codes = new Map<string, string>()

/** What is wrong with a reference; undefined when the test is there and runs. */
export function faultOf(file: string, name: string): string | undefined {
  if (!existsSync(join(ROOT, file))) return `test/${file} is not there`
  if (!runFiles().has(file)) return `test/${file} is neither a test nor imported by one`
  const code = codeOf(file)
  const at = code.indexOf(name)
  if (at === -1) return `nothing in test/${file} says ${JSON.stringify(name)}, its comments apart`
  const line = code.slice(code.lastIndexOf('\n', at) + 1, at)
  return /\.(?:skip|todo|fails)\(/.test(line) ? `it is skipped in test/${file}` : undefined
}

/** Without comments and types: what is commented out holds nothing. */
function codeOf(file: string): string {
  const known = codes.get(file)
  if (known !== undefined) return known
  const options = { removeComments: true, target: ScriptTarget.ESNext }
  const code = transpileModule(readFileSync(join(ROOT, file), 'utf8'), {
    compilerOptions: options,
  }).outputText
  codes.set(file, code)
  return code
}

let run: ReadonlySet<string> | undefined

/** Test files, and what they import from test/, through others too. */
function runFiles(): ReadonlySet<string> {
  if (run) return run
  const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.test.ts'),
  )
  const reached = new Set(files)
  for (const file of reached) {
    const text = readFileSync(join(ROOT, file), 'utf8')
    for (const [, specifier = ''] of text.matchAll(/(?:from|import)[ (]'(\.[^']+\.ts)'/g)) {
      const target = relative(ROOT, resolve(ROOT, dirname(file), specifier))
      if (!target.startsWith('..') && existsSync(join(ROOT, target))) reached.add(target)
    }
  }
  return (run = reached)
}

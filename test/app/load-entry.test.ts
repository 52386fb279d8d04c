import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

interface Outcome {
  answer?: string
  name?: string
  message?: string
  stack?: string
}

const ANSWERS =
  "(environ, startResponse) { startResponse('200 OK', []); return [Buffer.from(this?.name ?? 'plain')] }"

/** File, its source, and the part of the answer or of the message that is expected; `DIR` is the folder. */
const CASES: readonly (readonly [file: string, source: string, expected: Outcome])[] = [
  ['plain.js', `export function application${ANSWERS}`, { answer: 'plain' }],
  [
    'typed.ts',
    'export const application: (e: object) => Uint8Array[] = () => [Buffer.from("typed")]',
    { answer: 'typed' },
  ],
  ['generator.ts', 'export function* application() { yield Buffer.from("gen") }', { answer: 'gen' }],
  ['object.ts', `export const application = { name: 'object', application${ANSWERS} }`, { answer: 'object' }],
  [
    'instance.ts',
    `class Site { name = 'site'; application${ANSWERS} }\nexport const application = new Site()`,
    { answer: 'site' },
  ],
  ['default.ts', `export default { name: 'default', application${ANSWERS} }`, { answer: 'default' }],
  ['commonjs.cjs', `module.exports = { name: 'cjs', application${ANSWERS} }`, { answer: 'cjs' }],
  ['späce file.ts', `export function application${ANSWERS}`, { answer: 'plain' }],

  [
    'nothing.ts',
    'export {}',
    {
      message:
        'DIR/nothing.ts: it has no export "application" (it exports nothing); write: export const application = ',
    },
  ],
  [
    'other.ts',
    'export const app = 1\nexport default 7',
    { message: 'DIR/other.ts: it has no export "application" (it exports app, default); write: ' },
  ],
  [
    'number.ts',
    'export const application = 7',
    {
      message: 'DIR/number.ts: its export "application" is a number, not a function (environ, startResponse)',
    },
  ],
  [
    'class.ts',
    'export class application {}',
    { message: 'is the class application; export an instance with a method "application"' },
  ],
  [
    'promise.ts',
    'export const application = Promise.resolve(() => [])',
    { message: 'write: export const application = await' },
  ],

  [
    'enum.ts',
    '\n\nexport enum Color { Red }\n',
    {
      message:
        'DIR/enum.ts:3: TypeScript enum is not supported in strip-only mode; write an object: const Color = {',
    },
  ],
  [
    'namespace.ts',
    'namespace A { export const x = 1 }',
    {
      message:
        'DIR/namespace.ts:1: TypeScript namespace declaration is not supported in strip-only mode; write a module of its own',
    },
  ],
  [
    'parameter.ts',
    'export class A {\n  constructor(private x: number) {}\n}',
    {
      message:
        'DIR/parameter.ts:2: TypeScript parameter property is not supported in strip-only mode; declare the field and assign it',
    },
  ],
  [
    'equals.ts',
    "import fs = require('node:fs')\nexport const application = fs",
    {
      message:
        "DIR/equals.ts:1: TypeScript import equals declaration is not supported in strip-only mode; write: import fs from 'node:fs'",
    },
  ],
  [
    'nested.ts',
    "import './enum.ts'\nexport const application = 1",
    { message: 'DIR/enum.ts:3: TypeScript enum' },
  ],
  [
    'jsx.tsx',
    'export const application = <p/>',
    { message: 'DIR/jsx.tsx: Unknown file extension ".tsx"; JSX needs a compiler' },
  ],
  [
    'jsx.ts',
    '\nexport const application = () => <p>hi</p>',
    { message: 'DIR/jsx.ts:2: Unterminated regexp literal; JSX needs a compiler' },
  ],
  ['syntax.ts', '\n\nexport const application = (', { message: 'DIR/syntax.ts:3: Expression expected' }],
  [
    'decorator.ts',
    'export class A { @dec x = 1 }',
    { message: 'DIR/decorator.ts: SyntaxError: Invalid or unexpected token; decorators need a compiler' },
  ],

  [
    'helper.ts',
    'export const helper = 1\nexport interface Shape { x: 1 }',
    { message: 'no export "application"' },
  ],
  ['folder/index.ts', 'export const helper = 1', { message: 'no export "application"' }],
  [
    'extension.ts',
    "const x = 1\nimport {\n  helper,\n} from './helper'\nexport const application = helper + x",
    {
      message: 'DIR/extension.ts:4: cannot find "./helper": imports name the whole file; write "./helper.ts"',
    },
  ],
  [
    'js-extension.ts',
    "import { helper } from './helper.js'\nexport const application = helper",
    {
      message:
        'DIR/js-extension.ts:1: cannot find "./helper.js": imports name the whole file; write "./helper.ts"',
    },
  ],
  [
    'folder-import.ts',
    "import { helper } from './folder'\nexport const application = helper",
    {
      message:
        'DIR/folder-import.ts:1: cannot find "./folder": imports name the whole file; write "./folder/index.ts"',
    },
  ],
  [
    'sub/up.ts',
    "export const application = (await import('../helper')).helper",
    {
      message: 'DIR/sub/up.ts:1: cannot find "../helper": imports name the whole file; write "../helper.ts"',
    },
  ],
  [
    'gone.ts',
    "\nimport { helper } from './gone-for-good.ts'\nexport const application = helper",
    { message: 'DIR/gone.ts:2: cannot find "./gone-for-good.ts": there is no such file' },
  ],
  [
    'package.ts',
    "import x from 'no-such-package/deep'\nexport const application = x",
    {
      message:
        'DIR/package.ts:1: cannot find the package "no-such-package"; is it in package.json and installed?',
    },
  ],
  [
    'alias.ts',
    "import x from '@/helper.ts'\nexport const application = x",
    {
      message:
        'DIR/alias.ts:1: cannot find "@/helper.ts": the runtime does not read "paths" of tsconfig.json',
    },
  ],
  [
    'type-import.ts',
    "\nimport { Shape } from './helper.ts'\nexport const application = 1 as unknown as Shape",
    {
      message:
        "DIR/type-import.ts:2: SyntaxError: The requested module './helper.ts' does not provide an export named 'Shape'; if that is a type, write `import type`",
    },
  ],
  [
    'require.ts',
    "\nconst fs = require('fs')\nexport const application = fs",
    { message: 'DIR/require.ts:2: ReferenceError: require is not defined' },
  ],
  [
    'throws.ts',
    'function open(): never {\n  throw new Error("no database")\n}\nopen()\nexport const application = 1',
    {
      message: 'DIR/throws.ts:2: Error: no database',
      stack: 'DIR/throws.ts:2: Error: no database\n    at open (DIR/throws.ts:2:9)\n    at DIR/throws.ts:4:1',
    },
  ],
  ['string.ts', 'throw "a string"', { message: 'DIR/string.ts: it threw "a string", which is no Error' }],
]

let directory: string
let outcomes: Outcome[]

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'entries-'))
  for (const [file, source] of CASES) {
    mkdirSync(dirname(join(directory, file)), { recursive: true })
    writeFileSync(join(directory, file), source)
  }
  outcomes = load([...CASES.map(([file]) => join(directory, file)), join(directory, 'missing.ts')])
})

afterAll(() => rmSync(directory, { recursive: true }))

function load(paths: readonly string[]): Outcome[] {
  const script = new URL('fixtures/load-entries.ts', import.meta.url).pathname
  const output = execFileSync(process.execPath, [script, ...paths], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Outcome)
}

test.each(CASES.map(([file, , expected], index) => [file, expected, index] as const))(
  '%s',
  (_, expected, index) => {
    const outcome = outcomes[index] ?? {}
    if (expected.answer !== undefined) return expect(outcome).toEqual({ answer: expected.answer })
    expect(outcome.message).toContain(expected.message?.replaceAll('DIR', directory))
    expect(outcome.name).toBe('EntryError')
    // The report is short: no frame of the runtime or of the loader.
    expect(outcome.stack).not.toMatch(/node:internal|load-entr/)
    if (expected.stack !== undefined) expect(outcome.stack).toBe(expected.stack.replaceAll('DIR', directory))
  },
)

test('an entry that is not there', () => {
  expect(outcomes.at(-1)?.message).toBe(
    `${directory}/missing.ts: there is no such file; \`entry\` names a module`,
  )
})

import { describe, expect, it } from 'vitest'
import { ALIASES, breaches, ROOMS, unusedExports } from './support/architecture.ts'
import { parseSource, readSources } from './support/source-graph.ts'

const root = new URL('..', import.meta.url).pathname

describe('the sources', () => {
  const files = readSources(root, ['src', 'test'], ALIASES)

  it('keep the walls between the rooms', () => {
    expect(breaches(files)).toEqual([])
  })

  it('export nothing that nobody imports', () => {
    expect(unusedExports(files)).toEqual([])
  })
})

function judge(tree: Readonly<Record<string, string>>): string[] {
  return breaches(Object.entries(tree).map(([path, text]) => parseSource(path, text, ALIASES)))
}

describe('the rules', () => {
  it.each<[string, Record<string, string>]>([
    [
      'its own room',
      { 'src/util/a.ts': "import { b } from './b.ts'", 'src/util/b.ts': 'export const b = 1' },
    ],
    [
      'types that know each other',
      {
        'src/util/a.ts': "import type { B } from './b.ts'",
        'src/util/b.ts': "import { type A } from './a.ts'; export type B = 1",
      },
    ],
    [
      'a room below',
      { 'src/front/a.ts': "import type { B } from '../config/b.ts'", 'src/config/b.ts': 'export type B = 1' },
    ],
    ['a part of a room', { 'src/web/a.ts': "import '../io/files/b.ts'", 'src/io/files/b.ts': '' }],
    ['a part that is a file', { 'src/dev/a.ts': "import '../app/loader.ts'", 'src/app/loader.ts': '' }],
    ['an entry point from the demo', { 'src/demo/a.ts': "import 'portico/web'", 'src/entry/web.ts': '' }],
    [
      'shared code of the wire formats',
      { 'src/protocol/x/a.ts': "import '../b.ts'", 'src/protocol/b.ts': '' },
    ],
    [
      'a file of the same front module',
      { 'src/front/modules/x/a.ts': "import './b.ts'", 'src/front/modules/x/b.ts': '' },
    ],
    ['sockets in io', { 'src/io/a.ts': "import 'node:net'; import 'node:fs/promises'" }],
    ['processes in process', { 'src/process/a.ts': "import 'node:child_process'" }],
    ['arguments in cli', { 'src/cli/a.ts': 'export const a = process.argv; process.env.A' }],
    ['SQLite in web/db', { 'src/web/db/a.ts': "import 'node:sqlite'; import 'kysely'" }],
    [
      'a date of a number',
      { 'src/http/a.ts': 'export const a = new Date(1); export const b = Date.UTC(1, 2)' },
    ],
    [
      'a property of that name',
      { 'src/http/a.ts': 'export const a = (x: { process: { env: 1 } }) => x.process.env' },
    ],
    ['a long table', { 'src/http/status-codes.ts': '\n'.repeat(700) }],
  ])('allow %s', (_, tree) => {
    expect(judge(tree)).toEqual([])
  })

  it.each<[Record<string, string>, string]>([
    [
      { 'src/util/a.ts': "import '../http/b.ts'", 'src/http/b.ts': '' },
      'src/util/a.ts:1: imports ../http/b.ts: util may import nothing',
    ],
    [
      {
        'src/http/a.ts': "\nimport type { B } from '../config/b.ts'",
        'src/config/b.ts': 'export type B = 1',
      },
      'src/http/a.ts:2: imports ../config/b.ts: http may import util',
    ],
    [
      {
        'src/gateway/a.ts': "export { b } from '../protocol/b.ts'",
        'src/protocol/b.ts': 'export const b = 1',
      },
      'src/gateway/a.ts:1: imports ../protocol/b.ts: gateway may import http, util',
    ],
    [
      { 'src/web/a.ts': "const x = await import('../front/b.ts')", 'src/front/b.ts': '' },
      'src/web/a.ts:1: imports ../front/b.ts: web may import gateway, http, util, io/files',
    ],
    [
      { 'src/web/a.ts': "type X = import('../io/b.ts').X", 'src/io/b.ts': 'export type X = 1' },
      'src/web/a.ts:1: imports ../io/b.ts: web may import gateway, http, util, io/files',
    ],
    [
      { 'src/io/a.ts': "import '../cli/b.ts'", 'src/cli/b.ts': '' },
      'src/io/a.ts:1: imports ../cli/b.ts: io may import protocol, http, util',
    ],
    [
      { 'src/front/a.ts': "import 'portico/web'", 'src/entry/web.ts': '' },
      'src/front/a.ts:1: imports portico/web: only the demo imports an entry point',
    ],
    [
      { 'src/demo/a.ts': "import '../entry/web.ts'", 'src/entry/web.ts': '' },
      'src/demo/a.ts:1: imports ../entry/web.ts: demo may import nothing',
    ],
    [
      { 'src/util/a.ts': "import '../../test/b.ts'", 'test/b.ts': '' },
      'src/util/a.ts:1: imports ../../test/b.ts: it lies outside of src',
    ],
    [
      { 'src/protocol/x/a.ts': "import '../y/b.ts'", 'src/protocol/y/b.ts': '' },
      'src/protocol/x/a.ts:1: imports ../y/b.ts: a wire format never imports another',
    ],
    [
      { 'src/front/modules/a.ts': "import './b.ts'", 'src/front/modules/b.ts': '' },
      'src/front/modules/a.ts:1: imports ./b.ts: a front module never imports another',
    ],
    [{ 'src/front/a.ts': "import 'node:net'" }, 'src/front/a.ts:1: imports node:net: only in io, dev'],
    [
      { 'src/app/a.ts': "import 'node:fs/promises'" },
      'src/app/a.ts:1: imports node:fs/promises: only in io, dev, demo',
    ],
    [
      { 'src/io/a.ts': "import 'node:child_process'" },
      'src/io/a.ts:1: imports node:child_process: only in process',
    ],
    [{ 'src/io/a.ts': "import 'net'" }, 'src/io/a.ts:1: imports net: write node:net'],
    [
      { 'src/gateway/a.ts': "import 'node:path'" },
      'src/gateway/a.ts:1: imports node:path: modules of Node here: none',
    ],
    [{ 'src/web/a.ts': "import 'node:sqlite'" }, 'src/web/a.ts:1: imports node:sqlite: only in web/db'],
    [
      { 'src/web/a.ts': "import 'node:worker_threads'" },
      'src/web/a.ts:1: imports node:worker_threads: modules of Node here: async_hooks, crypto, path, sqlite, stream, url, util, zlib',
    ],
    [{ 'src/front/a.ts': "import 'kysely'" }, 'src/front/a.ts:1: imports kysely: packages here: pino'],
    [{ 'src/http/a.ts': "import '@x/y/z'" }, 'src/http/a.ts:1: imports @x/y/z: packages here: none'],
    [{ 'src/nowhere/a.ts': '' }, 'src/nowhere/a.ts: no room named "nowhere"'],
    [{ 'src/front/a.ts': '\nprocess.env.A' }, 'src/front/a.ts:2: process.env: only in cli'],
    [{ 'src/web/a.ts': "process['argv']" }, 'src/web/a.ts:1: process.argv: only in cli'],
    [{ 'src/web/a.ts': 'const { env: e } = process' }, 'src/web/a.ts:1: process.env: only in cli'],
    [{ 'src/web/a.ts': 'const p = process' }, 'src/web/a.ts:1: process: only in cli'],
    [
      { 'src/http/a.ts': 'Date.now()' },
      'src/http/a.ts:1: Date.now: a pure room has no clock, no timers and no process',
    ],
    [
      { 'src/util/a.ts': 'new Date()' },
      'src/util/a.ts:1: new Date(): a pure room has no clock, no timers and no process',
    ],
    [
      { 'src/config/a.ts': 'setTimeout(f)' },
      'src/config/a.ts:1: setTimeout(): a pure room has no clock, no timers and no process',
    ],
    [{ 'src/front/a.ts': '\n'.repeat(601) }, 'src/front/a.ts: 601 lines, at most 600'],
    [
      {
        'src/util/a.ts': "import './b.ts'",
        'src/util/b.ts': "import { C } from './c.ts'",
        'src/util/c.ts': "import './a.ts'; export const C = 1",
      },
      'src/util/a.ts: cycle src/util/a.ts -> src/util/b.ts -> src/util/c.ts -> src/util/a.ts',
    ],
  ])('refuse %j', (tree, breach) => {
    expect(judge(tree)).toEqual([breach])
  })

  it('find exports that nobody imports', () => {
    const a = `export const a = 1, { b, c: [d] } = x
      export function e(): J | undefined {}
      export class F {}
      export type G = 1
      export { h as i }
      export interface J {}
      export default 1`
    const user = "import y, { a, d as z, type F, i } from '../src/util/a.ts'"
    const files = [parseSource('src/util/a.ts', a), parseSource('test/t.ts', user)]
    expect(unusedExports(files)).toEqual([
      'src/util/a.ts:1: nobody imports b',
      'src/util/a.ts:2: nobody imports e',
      'src/util/a.ts:4: nobody imports G',
    ])
  })

  it('count what is imported as a whole, and let entry points export what they will', () => {
    const files = [
      ['src/util/a.ts', 'export const a = 1'],
      ['src/util/b.ts', 'export const b = 1'],
      ['src/entry/web.ts', "export * from '../util/a.ts'; export const c = 1"],
      ['src/demo/wsgi.ts', 'export const application = 1'],
      ['test/t.ts', "import * as b from '../src/util/b.ts'"],
    ] as const
    expect(unusedExports(files.map(([path, text]) => parseSource(path, text, ALIASES)))).toEqual([])
  })

  it('name every room', () => {
    expect(
      Object.values(ROOMS).flatMap((room) =>
        room.imports.filter((one) => !(one.split('/', 1).join('') in ROOMS)),
      ),
    ).toEqual([])
  })
})

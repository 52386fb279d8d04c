/** The rules that ARCHITECTURE's import table states, as data, and what checks a graph of sources against them. */
import { isBuiltin } from 'node:module'
import type { Import, SourceFile } from './source-graph.ts'

interface Room {
  /** Rooms, or parts of rooms, whose files this one's may import besides its own. */
  readonly imports: readonly string[]
  /** Node's modules it may import; `*` for all that are not reserved to others. */
  readonly builtins: readonly string[]
  readonly packages: readonly string[]
  /** No clock, no timer, no process: values in, values out. */
  readonly pure?: true
}

const ROOM_NAMES = [
  ...[
    'util',
    'http',
    'config',
    'protocol',
    'gateway',
    'io',
    'process',
    'front',
    'app',
    'web',
    'dev',
    'cli',
    'entry',
    'library',
    'demo',
  ],
]

function allBut(...names: string[]): string[] {
  return ROOM_NAMES.filter((name) => !names.includes(name))
}

const PURE = { builtins: [], packages: [], pure: true } as const
const TIER = ['config', 'gateway', 'protocol', 'io', 'http', 'util']

export const ROOMS: Readonly<Record<string, Room>> = {
  util: { imports: [], ...PURE },
  http: { imports: ['util'], ...PURE },
  config: { imports: ['util'], ...PURE },
  protocol: { imports: ['http', 'util'], ...PURE },
  gateway: { imports: ['http', 'util'], ...PURE },
  io: { imports: ['protocol', 'http', 'util'], builtins: ['*'], packages: ['pino'] },
  process: { imports: ['io', 'util'], builtins: ['*'], packages: ['pino'] },
  front: { imports: TIER, builtins: ['*'], packages: ['pino'] },
  app: { imports: TIER, builtins: ['*'], packages: ['pino'] },
  web: {
    imports: ['gateway', 'http', 'util', 'io/files'],
    builtins: ['async_hooks', 'crypto', 'path', 'sqlite', 'stream', 'url', 'util', 'zlib'],
    packages: ['@fastify/busboy', '@redis/client', 'kysely', 'nodemailer', 'pg'],
  },
  dev: {
    // the front decides and the application server answers, as in production: the same conf, the same answers
    imports: [...TIER, 'front', 'app'],
    builtins: ['*'],
    packages: ['http-proxy', 'pino', 'pino-pretty', 'serve-static'],
  },
  cli: { imports: allBut('demo', 'entry', 'library'), builtins: ['*'], packages: ['pino'] },
  // what `portico -t` and a front worker do, in a process that is somebody else's
  library: {
    imports: [
      'app',
      'front',
      ...TIER,
      'cli/load-conf',
      'cli/main-directives',
      'cli/plan-server',
      'cli/private-address',
    ],
    builtins: ['path'],
    packages: [],
  },
  entry: { imports: allBut('cli', 'demo'), builtins: [], packages: [] },
  demo: { imports: [], builtins: ['*'], packages: [] },
}

/** Node's modules that only some rooms may import. */
const RESERVED: Readonly<Record<string, readonly string[]>> = {
  net: ['io', 'dev'],
  tls: ['io', 'dev'],
  http: ['io', 'dev', 'app/adapters'],
  https: ['io', 'dev'],
  http2: ['io', 'dev'],
  dgram: ['io', 'dev'],
  dns: ['io', 'dev'],
  // the demo is a user's project: secrets come to it as files
  fs: ['io', 'dev', 'demo'],
  timers: ['io', 'dev'],
  child_process: ['process'],
  cluster: ['process'],
  os: ['process'],
  process: ['cli'],
  sqlite: ['web/db'],
}

/** Names under which the entry points are known; only the demo, which is a user, imports them. */
export const ALIASES = {
  portico: 'src/entry/index.ts',
  'portico/testing': 'src/entry/testing.ts',
  'portico/web': 'src/entry/web.ts',
  'portico/gateway': 'src/entry/gateway.ts',
} as const

/** A file whose exports are for outsiders, or found by a path that a conf names. */
const ENTRY_POINT = /^src\/(entry\/|cli\/main\.ts$|demo\/)/

/** A table may be as long as what it lists. */
const TABLE = /(table|directives|types|codes|statuses|entities)\.ts$/
const MAX_LINES = 600

/** One line for each breach of the walls, beginning with the place. */
export function breaches(files: readonly SourceFile[]): string[] {
  const sources = files.filter((file) => file.path.startsWith('src/'))
  return [
    ...sources.flatMap(importBreaches),
    ...sources.flatMap(mentionBreaches),
    ...sources
      .filter((file) => file.lines > MAX_LINES && !TABLE.test(file.path))
      .map((file) => `${file.path}: ${file.lines} lines, at most ${MAX_LINES}`),
    ...cycles(sources).map((cycle) => `${cycle[0]}: cycle ${cycle.join(' -> ')}`),
  ]
}

/** `protocol/http1` of `src/protocol/http1/parser.ts`; the room alone for a file that lies in it. */
function folderOf(path: string): readonly [room: string, part: string] {
  const [, room = '', part = ''] = path.split('/')
  return [room, part.replace(/\.ts$/, '')]
}

function importBreaches(file: SourceFile): string[] {
  const [name] = folderOf(file.path)
  const room = ROOMS[name]
  if (!room) return [`${file.path}: no room named "${name}"`]
  return file.imports.flatMap((edge) => {
    const fault =
      edge.target === undefined
        ? packageFault(file.path, edge.specifier, room)
        : edgeFault(file.path, edge, room)
    return fault === undefined ? [] : [`${file.path}:${edge.line}: imports ${edge.specifier}: ${fault}`]
  })
}

function edgeFault(from: string, edge: Import, room: Room): string | undefined {
  const target = edge.target ?? ''
  const [fromRoom, fromPart] = folderOf(from)
  const [room2, part] = folderOf(target)
  if (edge.specifier in ALIASES)
    return fromRoom === 'demo' ? undefined : 'only the demo imports an entry point'
  if (!target.startsWith('src/')) return 'it lies outside of src'
  if (fromRoom === room2) return siblingFault(from, target, fromPart, part)
  const allowed = room.imports.some((one) => target.startsWith(`src/${one}/`) || target === `src/${one}.ts`)
  return allowed ? undefined : `${fromRoom} may import ${room.imports.join(', ') || 'nothing'}`
}

function siblingFault(from: string, target: string, fromPart: string, part: string): string | undefined {
  const [room] = folderOf(from)
  if (room === 'protocol' && isFolder(from) && isFolder(target) && part !== fromPart) {
    return 'a wire format never imports another'
  }
  const modules = 'src/front/modules/'
  if (from.startsWith(modules) && target.startsWith(modules) && moduleOf(from) !== moduleOf(target)) {
    return 'a front module never imports another'
  }
  return undefined
}

/** Whether a file lies in a folder of its room. */
function isFolder(path: string): boolean {
  return path.split('/').length > 3
}

function moduleOf(path: string): string {
  return (path.split('/')[3] ?? '').replace(/\.ts$/, '')
}

function packageFault(from: string, specifier: string, room: Room): string | undefined {
  if (isBuiltin(specifier)) return builtinFault(from, specifier, room)
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
  return room.packages.includes(name) ? undefined : `packages here: ${room.packages.join(', ') || 'none'}`
}

function builtinFault(from: string, specifier: string, room: Room): string | undefined {
  if (!specifier.startsWith('node:')) return `write node:${specifier}`
  const name = specifier.slice(5).split('/', 1).join('')
  const places = RESERVED[name]
  if (places && !places.some((place) => from.startsWith(`src/${place}/`)))
    return `only in ${places.join(', ')}`
  if (room.builtins.includes('*') || room.builtins.includes(name)) return undefined
  return `modules of Node here: ${room.builtins.join(', ') || 'none'}`
}

function mentionBreaches(file: SourceFile): string[] {
  const [name] = folderOf(file.path)
  const pure = ROOMS[name]?.pure === true
  return file.mentions.flatMap(({ name: use, line }) => {
    const place = `${file.path}:${line}: ${use}`
    // the demo is a user's project: its settings come from the environment as anybody's do
    if (/^process(\.(env|argv|\*))?$/.test(use))
      return name === 'cli' || name === 'demo' ? [] : [`${place}: only in cli`]
    return pure && !isHarmless(use) ? [`${place}: a pure room has no clock, no timers and no process`] : []
  })
}

/** Dates made of given numbers are values. */
function isHarmless(use: string): boolean {
  return use === 'Date' || use === 'new Date(...)' || use === 'Date.UTC' || use === 'Date.parse'
}

/**
 * Each cycle of what runs, once, from its first file in alphabetical order. Types may know each other: a request and
 * its connection do, and nothing of that is there when modules are loaded.
 */
function cycles(files: readonly SourceFile[]): string[][] {
  const edges = new Map(
    files.map((file) => [
      file.path,
      file.imports.flatMap((edge) => (edge.typeOnly ? [] : (edge.target ?? []))),
    ]),
  )
  const found: string[][] = []
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]): void => {
    const seen = trail.indexOf(path)
    if (seen >= 0) found.push([...trail.slice(seen), path])
    if (seen >= 0 || done.has(path)) return
    for (const target of edges.get(path) ?? []) walk(target, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) walk(path, [])
  return found
}

/** One line for each export that no other file under src or test imports. */
export function unusedExports(files: readonly SourceFile[]): string[] {
  const used = new Map<string, Set<string>>()
  for (const { target, names } of files.flatMap((file) => file.imports)) {
    if (target === undefined) continue
    const known = used.get(target) ?? new Set()
    for (const name of names) known.add(name)
    used.set(target, known)
  }
  return files
    .filter((file) => file.path.startsWith('src/') && !ENTRY_POINT.test(file.path))
    .flatMap((file) => {
      const names = used.get(file.path) ?? new Set()
      if (names.has('*')) return []
      return file.exports
        .filter(({ name }) => !names.has(name))
        .map(({ name, line }) => `${file.path}:${line}: nobody imports ${name}`)
    })
}

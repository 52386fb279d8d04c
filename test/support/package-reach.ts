/** What a package of node_modules may reach, by the modules of the runtime that any of its own files names. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const KINDS: ReadonlyMap<string, string> = new Map([
  ...['net', 'tls', 'http', 'https', 'http2', 'dgram', 'dns', 'dns/promises'].map(of('network')),
  ...['fs', 'fs/promises', 'sqlite'].map(of('files')),
  ...['child_process', 'cluster'].map(of('programs')),
  ...['worker_threads'].map(of('threads')),
  ...['vm', 'module', 'inspector', 'v8', 'wasi'].map(of('code')),
])

/** Not loaded by anything: tests and tools of the package's own keepers. */
const OF_KEEPERS = /^(?:node_modules|tests?|__tests__|bench(?:marks?)?|examples?|docs|scripts|build)$/
const NAMES = /(?:\brequire\(|\bfrom ?|\bimport\(|\bimport )\s*['"](?:node:)?([a-z0-9_/]+)['"]/g

function of(kind: string): (name: string) => [string, string] {
  return (name) => [name, kind]
}

export function packageReach(folder: string): string[] {
  const reach = new Set<string>()
  for (const file of modulesOf(folder)) {
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(NAMES)) {
      const kind = KINDS.get(name)
      if (kind !== undefined) reach.add(kind)
    }
  }
  return [...reach].sort()
}

function* modulesOf(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (!OF_KEEPERS.test(entry.name)) yield* modulesOf(path)
    } else if (/\.[cm]?js$/.test(entry.name) && !/^(?:test|bench|example)\b/.test(entry.name)) yield path
  }
}

/** Folders of temporary files that a conf names: the master makes them, as its workers may be another user. */
import { resolve } from 'node:path'
import type { Statement } from '../config/ast.ts'

/** Of a conf that was accepted. Caches have none here: nothing is cached. */
export function tempFolders(statements: readonly Statement[], prefix: string): Set<string> {
  const folders = new Set<string>()
  for (const { name, args, block } of statements) {
    const [path] = args
    if (path && TEMP_PATHS.has(name)) folders.add(resolve(prefix, path.text))
    if (block) for (const folder of tempFolders(block, prefix)) folders.add(folder)
  }
  return folders
}

const TEMP_PATHS = new Set([
  'client_body_temp_path',
  'proxy_temp_path',
  'fastcgi_temp_path',
  'uwsgi_temp_path',
  'scgi_temp_path',
])

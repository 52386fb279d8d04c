/** What is in a folder, for pages that list it. */
import { readdir, stat } from 'node:fs/promises'

export interface DirectoryEntry {
  /** One code unit per byte. */
  readonly name: string
  readonly kind: 'directory' | 'file' | 'other'
  /** Bytes. */
  readonly size: number
  /** Seconds since the epoch. */
  readonly mtimeSeconds: number
}

/** Entries read at a time. */
const PARALLEL = 16

/** Names that begin with a dot are left out, and what cannot be asked about. @throws the system's error */
export async function listDirectory(path: string): Promise<DirectoryEntry[]> {
  const names = (await readdir(path, { encoding: 'buffer' })).filter((name) => name[0] !== 46)
  const entries: DirectoryEntry[] = []
  const folder = Buffer.from(path.endsWith('/') ? path : `${path}/`)
  const next = async (): Promise<void> => {
    for (let name = names.pop(); name; name = names.pop()) {
      const stats = await stat(Buffer.concat([folder, name])).catch(() => undefined)
      if (!stats) continue
      entries.push({
        name: name.toString('latin1'),
        kind: stats.isDirectory() ? 'directory' : stats.isFile() ? 'file' : 'other',
        size: stats.size,
        mtimeSeconds: Math.floor(stats.mtimeMs / 1000),
      })
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, next))
  return entries
}

/** A file system of a few MiB that can be filled; only root may make one. */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const BYTES = 32 << 20
const PIECE = Buffer.alloc(1 << 16)

export class SmallDisk {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** Undefined where nothing can be mounted. */
  static mount(): SmallDisk | undefined {
    const path = mkdtempSync(join(tmpdir(), 'soak-disk-'))
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${BYTES}`, 'tmpfs', path])
    if (status === 0) return new SmallDisk(path)
    rmdirSync(path)
    return undefined
  }

  fill(): void {
    const file = openSync(join(this.path, 'filler'), 'a')
    try {
      while (writeSync(file, PIECE) > 0);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
    } finally {
      closeSync(file)
    }
  }

  clear(): void {
    rmSync(join(this.path, 'filler'), { force: true })
  }

  unmount(): void {
    if (spawnSync('umount', ['-l', this.path]).status === 0) rmdirSync(this.path)
  }
}

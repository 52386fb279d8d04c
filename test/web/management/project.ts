/** A project in a temporary folder, and its commands in this process. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { executeFromCommandLine } from '../../../src/entry/web.ts'
import type { ManagementContext } from '../../../src/entry/web.ts'

export interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), 'portico-project-'))

  constructor(files: Readonly<Record<string, string>>) {
    for (const [path, text] of Object.entries(files)) this.write(path, text)
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true })
    writeFileSync(join(this.folder, path), text)
  }

  list(folder: string): string[] {
    return readdirSync(join(this.folder, folder)).sort()
  }

  /** `portico manage` with these words. */
  async manage(command: string, change: Partial<ManagementContext> = {}): Promise<Outcome> {
    let out = ''
    let err = ''
    const code = await executeFromCommandLine({
      argv: command.split(' '),
      env: {},
      cwd: this.folder,
      write: (text) => (out += text),
      writeError: (text) => (err += text),
      prompt: null,
      openShell: async () => undefined,
      runTests: async () => true,
      ...change,
    })
    return { code, out, err }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** What `-T` prints after the test: every file of the conf as it was read, once, in the order of opening. */
import type { ConfigFile } from './load.ts'

export function dumpConfig(files: readonly ConfigFile[]): string {
  return files.map(({ path, text }) => `# configuration file ${path}:\n${text}\n`).join('')
}

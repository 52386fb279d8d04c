/** Cases written as Markdown: a heading names the case, fenced blocks hold what goes in and what comes out. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Fence {
  /** First word after the backticks: `nginx`, `json`, `text`. */
  readonly language: string
  /** The rest of that line: the name of a file, say. */
  readonly label: string
  readonly text: string
}

export interface GoldenCase {
  readonly title: string
  readonly fences: readonly Fence[]
}

/** The cases of each Markdown file of a folder, by the file's name. */
export function readGolden(folder: string): Map<string, GoldenCase[]> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.md'))
  return new Map(names.sort().map((name) => [name, parseGolden(readFileSync(join(folder, name), 'utf8'))]))
}

/** @throws Error for a case without a fence, or a fence that does not end. */
export function parseGolden(text: string): GoldenCase[] {
  return text
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const title = section.slice(0, section.indexOf('\n')).trim()
      const fences = Array.from(
        section.matchAll(/^```(\w+) *([^\n]*)\n(?:([^]*?)\n)??```$/gm),
        ([, language = '', label = '', body = '']) => ({
          language,
          label,
          text: body,
        }),
      )
      if (fences.length === 0 || (section.match(/^```/gm)?.length ?? 0) !== fences.length * 2) {
        throw new Error(`golden case "${title}": its fences do not match`)
      }
      return { title, fences }
    })
}

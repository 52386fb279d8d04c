/** The map and the README name files and scripts that are there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const map = readFileSync(`${root}/src/README.md`, 'utf8')
const readme = readFileSync(`${root}/README.md`, 'utf8')

describe('src/README.md', () => {
  const named = [...map.matchAll(/`([a-z]+\/[a-z0-9/-]+(?:\.ts)?)[`(,]/g)].map((match) =>
    (match[1] ?? '').replace(/^portico\//, 'entry/'),
  )

  it.each([...new Set(named)])('names %s, which is there', (name) => {
    const path = `${root}/src/${name}`
    const candidates = [path, `${path}.ts`, `${root}/${name}`]
    expect(candidates.filter((candidate) => existsSync(candidate))).not.toEqual([])
  })

  it('names enough to be a map', () => {
    expect(named.length).toBeGreaterThan(25)
  })

  it('has a row for every room', () => {
    const rooms = readdirSync(`${root}/src`, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    for (const room of rooms) expect(map).toContain(`    ${room.name}/`)
  })
})

describe('README.md', () => {
  it('names npm scripts that are there', () => {
    const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
      scripts: Record<string, string>
    }
    const named = [...readme.matchAll(/npm (?:run )?(start|test|bench|check|format|build)\b/g)].map(
      (match) => match[1] ?? '',
    )
    expect(named.length).toBeGreaterThan(4)
    for (const name of named) expect(Object.keys(scripts)).toContain(name)
  })

  it('lists every runtime dependency', () => {
    const { dependencies } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
      dependencies: Record<string, string>
    }
    for (const name of Object.keys(dependencies)) expect(readme).toContain(name)
  })
})

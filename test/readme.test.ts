/** The map and the README name files and scripts that are there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { commandNames } from '../src/cli/help/help-text.ts'

/** Words of PM2's. */
const PM2 = new Set(['max_memory_restart', 'cron_restart', 'kill_timeout', 'wait_ready'])

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

  it('names tests that are there', () => {
    const commands = [...readme.matchAll(/npm test -- ([^`\n]+)`/g)].map(([, files = '']) => files)
    const files = commands.flatMap((one) => one.split(' '))
    expect(files.length).toBeGreaterThan(8)
    for (const file of files) expect(existsSync(`${root}/${file}`), file).toBe(true)
  })

  it('lists every runtime dependency', () => {
    const { dependencies } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
      dependencies: Record<string, string>
    }
    for (const name of Object.keys(dependencies)) expect(readme).toContain(name)
  })

  it('links to sections and files that are there', () => {
    const anchors = [...readme.matchAll(/^##+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    )
    const links = [...readme.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
    expect(links.length).toBeGreaterThan(15)
    for (const link of links.filter((one) => !one.startsWith('https:'))) {
      const [file = '', anchor] = link.split('#')
      if (file !== '') expect(existsSync(`${root}/${file}`), link).toBe(true)
      else expect(anchors).toContain(anchor)
    }
  })

  const sources = readdirSync(`${root}/src`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(`${root}/src/${name}`, 'utf8'))
    .join('\n')

  it('explains log lines that the program writes', () => {
    const from = readme.indexOf('### Three in the morning')
    const rows = readme.slice(from, readme.indexOf('\n## ', from)).split('\n').slice(4)
    const lines = rows.flatMap((row) =>
      [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, line = '']) => line),
    )
    expect(lines.length).toBeGreaterThan(10)
    for (const line of lines) expect(sources.includes(line), line).toBe(true)
  })

  it('names figures that there are', () => {
    const names = [...readme.matchAll(/`(portico_[a-z_]+)`/g)].map(([, name = '']) => name)
    expect(names.length).toBeGreaterThan(5)
    for (const name of names) expect(sources.includes(name), name).toBe(true)
  })

  it('names commands that there are', () => {
    const named = [...readme.matchAll(/(?:^|`|npx )portico ([a-z][a-z-]+)/gm)].map(([, name = '']) => name)
    expect(new Set(named).size).toBeGreaterThan(9)
    for (const name of named) expect(commandNames()).toContain(name)
  })

  it('names directives that there are', () => {
    const table = readFileSync(`${root}/conf/directives.md`, 'utf8')
    const operating = readme.slice(readme.indexOf('## Coming from Express'), readme.indexOf('### Three in'))
    const named = [...operating.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, name = '']) => name)
    expect(named.length).toBeGreaterThan(8)
    for (const name of named.filter((one) => !one.startsWith('portico_') && !PM2.has(one)))
      expect(table.includes(name), name).toBe(true)
  })
})

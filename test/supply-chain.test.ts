/** Where packages come from, what they may do when they are installed, and what the README says of those that we ship. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { nameOfPlace, readLockFile } from './support/lock-file.ts'
import { packageReach } from './support/package-reach.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const lock = readLockFile(`${root}/package-lock.json`)
const { '': own, ...others } = lock.packages
const packages = Object.entries(others)
const shipped = packages.filter(([, { dev }]) => dev !== true)
const manifest = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly allowScripts: Readonly<Record<string, boolean>>
}

/** Packages that want to run a program when they are installed, and whether they need to. */
const INSTALL_SCRIPTS = new Map([
  ['esbuild', { run: false, why: 'looks for a faster way to its binary, which comes as a package anyway' }],
  ['node', { run: true, why: 'fetches the pinned runtime for this platform; bootstrap.mjs looks what came' }],
])

/** Licences that ask for their text to be kept and no more, by their SPDX names. */
const PERMISSIVE = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'MIT-0',
]
/** Changes of its own files have to be published: in tools that we do not ship. */
const FILE_COPYLEFT = ['MPL-2.0']

describe('package-lock.json', () => {
  it('pins what package.json names, to one version each', () => {
    expect(lock.lockfileVersion).toBe(3)
    expect(own).toMatchObject({
      dependencies: manifest.dependencies,
      devDependencies: manifest.devDependencies,
    })
    for (const version of Object.values({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect(version).toMatch(/^(?:npm:[@\w/-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/)
    }
  })

  it('says of every package what its bytes are', () => {
    expect(packages.length).toBeGreaterThan(300)
    expect(packages.filter(([, { integrity = '' }]) => !/^sha512-[\w+/]{86}==$/.test(integrity))).toEqual([])
  })

  it('takes no package from anywhere but the registry that npm is set to', () => {
    expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
  })

  it('has no package that runs a program at its installation but those that are listed', () => {
    const scripted = packages.filter(([, { hasInstallScript }]) => hasInstallScript === true)
    expect(scripted.map(([place]) => nameOfPlace(place)).sort()).toEqual([...INSTALL_SCRIPTS.keys()])
    const allowed = Object.fromEntries([...INSTALL_SCRIPTS].map(([name, { run }]) => [name, run]))
    expect(manifest.allowScripts).toEqual(allowed)
  })

  it.each(shipped)(
    '%s, which we ship, runs nothing at its installation and has a permissive licence',
    (place) => {
      expect(others[place]?.hasInstallScript).toBeUndefined()
      expect(PERMISSIVE).toContain(others[place]?.license)
    },
  )

  it('has no licence among its tools that reaches what they make', () => {
    const licences = new Set(packages.map(([, { license }]) => license))
    expect([...licences].filter((name) => !PERMISSIVE.includes(name ?? '') && !FILE_COPYLEFT.includes(name ?? ''))).toEqual([]) // prettier-ignore
  })
})

interface Audited {
  readonly licence: string
  readonly reach: string
}

/** Rows of the README's tables: packages in the first cell, licence and reach in the last two. */
function auditedPackages(): Map<string, Audited> {
  const readme = readFileSync(`${root}/README.md`, 'utf8')
  const from = readme.indexOf('### What it depends on')
  const section = readme.slice(from, readme.indexOf('\n## ', from))
  const audited = new Map<string, Audited>()
  for (const line of section.split('\n').filter((one) => /^\| [`[]/.test(one))) {
    const cells = line.split('|').map((cell) => cell.trim())
    const names = (cells[1] ?? '').matchAll(/[`[]([@a-z][\w./-]*)[`\]]/g)
    for (const [, name = ''] of names) {
      expect(audited.has(name), `${name} stands there twice`).toBe(false)
      audited.set(name, { licence: cells.at(-3) ?? '', reach: cells.at(-2) ?? '' })
    }
  }
  return audited
}

describe('The README', () => {
  const audited = auditedPackages()

  it('has a row for every package that we ship, and for no other', () => {
    const names = new Set(shipped.map(([place]) => nameOfPlace(place)))
    expect([...audited.keys()].sort()).toEqual([...names].sort())
  })

  it('says how many there are', () => {
    const [, count] =
      /^(\d+) packages are installed with it/m.exec(readFileSync(`${root}/README.md`, 'utf8')) ?? []
    expect(Number(count)).toBe(shipped.length)
  })

  it.each(shipped)('says the licence of %s, and what it may reach', (place, { license }) => {
    const { licence, reach } = audited.get(nameOfPlace(place)) ?? {}
    expect(licence).toBe(license)
    expect(reach?.replace(/ \(.*\)$/, '')).toBe(packageReach(`${root}/${place}`).join(', ') || 'nothing')
  })
})

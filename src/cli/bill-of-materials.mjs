/**
 * What a build is made of, in CycloneDX 1.6 (JSON), from the lock file: no clock and no chance, so that two builds of
 * one commit write the same bytes. Plain JavaScript beside bootstrap.mjs, which an old Node runs.
 */
import { createHash } from 'node:crypto'

/** Of `process.versions`: numbers of interfaces, and Node's own. What is not built in has an empty version. */
const NO_COMPONENTS = new Set(['modules', 'napi', 'node'])

/**
 * @param lock package-lock.json, parsed (version 3)
 * @param places keys of `lock.packages` that are part of the product
 * @param versions `process.versions` where the runtime is part of it
 * @param hashes of the product's own file, as CycloneDX has them
 */
export function billOfMaterials({ lock, places, versions, hashes }) {
  const { name, version, license } = lock.packages['']
  const own = { ...identified('npm', name, version), ...licensed(license), ...(hashes && { hashes }) }
  const root = { type: 'application', ...own }
  const found = [...places].sort(compare)
  const components = found.map((place) => componentAt(lock, place))
  const dependencies = ['', ...found].map((place) => ({
    ref: place === '' ? own['bom-ref'] : referenceAt(lock, place),
    dependsOn: dependenciesOf(lock, place, new Set(found)),
  }))
  if (versions) {
    const platform = runtimeComponent(versions)
    components.push(platform)
    dependencies[0].dependsOn.push(platform['bom-ref'])
    for (const part of [platform, ...platform.components]) {
      const parts = (part.components ?? []).map((one) => one['bom-ref'])
      dependencies.push({ ref: part['bom-ref'], dependsOn: parts })
    }
  }
  const content = { metadata: { component: root }, components, dependencies }
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}`,
    version: 1,
    ...content,
  }
}

/** Places of all that `npm ci --omit=dev` installs. */
export function installedPlaces(lock) {
  return Object.keys(lock.packages).filter((place) => place !== '' && !lock.packages[place].dev)
}

/** Places of the packages whose files esbuild put into its outputs, by its metafile. */
export function bundledPlaces(metafile) {
  const places = new Set()
  for (const output of Object.values(metafile.outputs)) {
    for (const input of Object.keys(output.inputs)) {
      const found = /(?:^|\/)(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(input)
      if (found) places.add(found[1])
    }
  }
  return places
}

/** As its file has it: two blanks, and a line break at the end. */
export const billText = (bill) => `${JSON.stringify(bill, undefined, 2)}\n`

function identified(type, name, version) {
  const purl = `pkg:${type}/${name.split('/').map(encodeURIComponent).join('/')}@${encodeURIComponent(version)}`
  return { 'bom-ref': purl, name, version, purl }
}

/** An alias (`"http-proxy": "npm:http-proxy-3@..."`) says in the lock file whose package it is. */
function nameAt(lock, place) {
  return lock.packages[place].name ?? place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

function referenceAt(lock, place) {
  return identified('npm', nameAt(lock, place), lock.packages[place].version)['bom-ref']
}

function componentAt(lock, place) {
  const { version, license, integrity, optional } = lock.packages[place]
  return {
    type: 'library',
    ...identified('npm', nameAt(lock, place), version),
    scope: optional ? 'optional' : 'required',
    hashes: [hashOf(integrity)],
    ...licensed(license),
  }
}

/** `sha512-` and base64, as the lock file has it: of the package's tarball. */
function hashOf(integrity) {
  const [algorithm, digest] = integrity.split('-')
  return {
    alg: algorithm.replace(/^sha/, 'SHA-'),
    content: Buffer.from(digest, 'base64').toString('hex'),
  }
}

function licensed(license) {
  return { licenses: [license.includes(' ') ? { expression: license } : { license: { id: license } }] }
}

/** What a package asks for and which of two versions it gets: the nearest one up the tree, as imports are resolved. */
function dependenciesOf(lock, place, among) {
  const { dependencies = {}, optionalDependencies = {} } = lock.packages[place]
  const places = Object.keys({ ...dependencies, ...optionalDependencies }).map((name) => {
    for (let above = place; ; above = above.slice(0, Math.max(above.lastIndexOf('/node_modules/'), 0))) {
      const at = above === '' ? `node_modules/${name}` : `${above}/node_modules/${name}`
      if (at in lock.packages) return at
      if (above === '') return undefined
    }
  })
  return places
    .filter((at) => at !== undefined && among.has(at))
    .map((at) => referenceAt(lock, at))
    .sort(compare)
}

function runtimeComponent(versions) {
  const node = identified('generic', 'node', versions.node)
  const parts = Object.keys(versions).filter((name) => !NO_COMPONENTS.has(name) && versions[name] !== '')
  return {
    type: 'platform',
    ...node,
    cpe: `cpe:2.3:a:nodejs:node.js:${versions.node}:*:*:*:*:*:*:*`,
    components: parts.sort(compare).map((name) => ({
      type: 'library',
      ...identified('generic', name, versions[name]),
    })),
  }
}

/** RFC 9562, section 5.8: of the content's own bits. */
function uuidOf(content) {
  const hex = createHash('sha256').update(content).digest('hex')
  const variant = (8 + (parseInt(hex[16], 16) & 3)).toString(16)
  const groups = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
  ]
  return [...groups, hex.slice(20, 32)].join('-')
}

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0)

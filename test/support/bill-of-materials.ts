/** A CycloneDX bill of materials, with what its JSON schema (1.6) asks for as far as our builds use it. */
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'

export interface BillComponent {
  readonly type: string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly 'bom-ref': string
  readonly scope?: string
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[]
  readonly licenses?: readonly { readonly license: { readonly id: string } }[]
  readonly components?: readonly BillComponent[]
}

export interface Bill {
  readonly serialNumber: string
  readonly metadata: { readonly component: BillComponent }
  readonly components: readonly BillComponent[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

const TOP = ['$schema', 'bomFormat', 'components', 'dependencies', 'metadata', 'serialNumber', 'specVersion', 'version'] // prettier-ignore
const OF_COMPONENT = ['bom-ref', 'components', 'cpe', 'hashes', 'licenses', 'name', 'purl', 'scope', 'type', 'version'] // prettier-ignore
const HASH_DIGITS: Readonly<Record<string, number>> = { 'SHA-256': 64, 'SHA-512': 128 }

export function readBill(path: string): Bill {
  const bill = JSON.parse(readFileSync(path, 'utf8')) as Bill
  expect(Object.keys(bill).sort()).toEqual(TOP)
  expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 })
  expect(bill.serialNumber).toMatch(
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  )
  const all = [bill.metadata.component, ...allComponents(bill)]
  for (const component of all) expectComponent(component)
  const references = all.map((component) => component['bom-ref'])
  expect(new Set(references).size).toBe(references.length)
  expect(bill.dependencies.map(({ ref }) => ref).sort()).toEqual(references.sort())
  for (const { dependsOn } of bill.dependencies) {
    expect(new Set(dependsOn).size).toBe(dependsOn.length)
    for (const reference of dependsOn) expect(references).toContain(reference)
  }
  return bill
}

export function allComponents({
  components,
}: {
  readonly components?: readonly BillComponent[]
}): BillComponent[] {
  return (components ?? []).flatMap((component) => [component, ...allComponents(component)])
}

function expectComponent(component: BillComponent): void {
  expect(OF_COMPONENT).toEqual(expect.arrayContaining(Object.keys(component)))
  expect(['application', 'library', 'platform']).toContain(component.type)
  expect([undefined, 'required', 'optional']).toContain(component.scope)
  expect(component.version).not.toBe('')
  expect(component.purl).toMatch(/^pkg:(?:npm|generic)\/(?:%40[\w.-]+\/)?[\w.-]+@[^@/]+$/)
  for (const { alg, content } of component.hashes ?? []) {
    expect(content).toMatch(/^[0-9a-f]+$/)
    expect(content.length).toBe(HASH_DIGITS[alg])
  }
  for (const one of component.licenses ?? []) expect(Object.keys(one)).toEqual(['license'])
}

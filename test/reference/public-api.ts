/** Every name that users can import, with its docstring: what `src/entry/reference.md` is made from. */
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export interface PublicName {
  readonly module: string
  readonly name: string
  readonly kind: 'class' | 'function' | 'type' | 'value' | 'namespace'
  readonly signature: string
  readonly doc: string
  readonly members: readonly PublicMember[]
}

export interface PublicMember {
  readonly signature: string
  readonly doc: string
}

export const MODULES = ['index', 'web', 'gateway', 'testing'] as const

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  allowImportingTsExtensions: true,
  noEmit: true,
  types: ['node'],
}

/** In the order of the alphabet, module by module. */
export function publicNames(): PublicName[] {
  const entry = (module: string): string =>
    fileURLToPath(new URL(`../../src/entry/${module}.ts`, import.meta.url))
  const program = ts.createProgram(MODULES.map(entry), OPTIONS)
  const checker = program.getTypeChecker()
  return MODULES.flatMap((module) => {
    const source = program.getSourceFile(entry(module))
    const symbol = source && checker.getSymbolAtLocation(source)
    if (!symbol) throw new Error(`src/entry/${module}.ts exports nothing`)
    const names = checker.getExportsOfModule(symbol).map((item) => describe(checker, module, item))
    return names.sort((a, b) => (a.name < b.name ? -1 : 1))
  })
}

function describe(checker: ts.TypeChecker, module: string, exported: ts.Symbol): PublicName {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
  const kind = kindOf(symbol)
  return {
    module,
    name: exported.name,
    kind,
    signature: signatureOf(checker, symbol, kind),
    doc: docOf(checker, symbol),
    members: membersOf(checker, symbol, kind),
  }
}

function docOf(checker: ts.TypeChecker, symbol: ts.Symbol): string {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker))
  const thrown = symbol.getJsDocTags(checker).filter(({ name }) => name === 'throws' || name === 'param')
  const tags = thrown.map(({ name, text: parts }) => `@${name} ${ts.displayPartsToString(parts)}`)
  return [text, ...tags].join('\n').replace(/\s+/g, ' ').trim()
}

function kindOf({ flags }: ts.Symbol): PublicName['kind'] {
  if (flags & ts.SymbolFlags.Class) return 'class'
  if (flags & ts.SymbolFlags.Function) return 'function'
  if (flags & ts.SymbolFlags.ValueModule) return 'namespace'
  return flags & ts.SymbolFlags.Variable ? 'value' : 'type'
}

function signatureOf(checker: ts.TypeChecker, symbol: ts.Symbol, kind: PublicName['kind']): string {
  if (kind !== 'function' && kind !== 'value') return ''
  const [at] = symbol.declarations ?? []
  if (!at) return ''
  const type = checker.getTypeOfSymbolAtLocation(symbol, at)
  const [call] = type.getCallSignatures()
  return call ? checker.signatureToString(call) : `: ${checker.typeToString(type)}`
}

/** Of classes, interfaces and namespaces: what is neither private nor inherited from the runtime. */
function membersOf(checker: ts.TypeChecker, symbol: ts.Symbol, kind: PublicName['kind']): PublicMember[] {
  const [at] = symbol.declarations ?? []
  if (!at || kind === 'function' || kind === 'value') return []
  const members =
    kind === 'namespace' ? checker.getExportsOfModule(symbol) : [...(symbol.members?.values() ?? [])]
  return members.flatMap((member) => {
    const [declaration] = member.declarations ?? []
    if (!declaration || isHidden(member, declaration)) return []
    const type = checker.getTypeOfSymbolAtLocation(member, declaration)
    const [call] = type.getCallSignatures()
    const doc = docOf(checker, member)
    const signature = call ? checker.signatureToString(call) : `: ${checker.typeToString(type)}`
    return doc === '' ? [] : [{ signature: `${member.name}${signature}`, doc }]
  })
}

function isHidden({ name, flags }: ts.Symbol, declaration: ts.Declaration): boolean {
  if (name.startsWith('__') || name.includes('#') || (flags & ts.SymbolFlags.TypeParameter) !== 0) return true
  const modifiers = ts.getCombinedModifierFlags(declaration)
  return (modifiers & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0
}

/** What the files under src and test import, export and reach for, read with TypeScript's parser. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import ts from 'typescript'

export interface Import {
  /** As written. */
  readonly specifier: string
  /** Path below the repository, for a file of it. */
  readonly target: string | undefined
  /** Names taken; `*` for all of them. */
  readonly names: readonly string[]
  /** Nothing of it is there when the program runs. */
  readonly typeOnly: boolean
  readonly line: number
}

export interface Mention {
  /** `process.env`, `Date.now`, `setTimeout`. */
  readonly name: string
  readonly line: number
}

export interface SourceFile {
  /** Below the repository, with `/`. */
  readonly path: string
  readonly lines: number
  readonly imports: readonly Import[]
  /**
   * Exported names with their lines; `default` is one. A type that the file itself speaks of is not among them: it
   * belongs to the signature of another export.
   */
  readonly exports: readonly Mention[]
  /** Reads of what only some rooms may read: globals with the property taken of them. */
  readonly mentions: readonly Mention[]
}

/** Names under which a package of ours is imported. */
export type Aliases = Readonly<Record<string, string>>

/** All `.ts` files below `folders`. */
export function readSources(root: string, folders: readonly string[], aliases: Aliases): SourceFile[] {
  return folders
    .flatMap((folder) => filesBelow(join(root, folder)))
    .map((file) => parseSource(relative(root, file), readFileSync(file, 'utf8'), aliases))
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

export function parseSource(path: string, text: string, aliases: Aliases = {}): SourceFile {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const reader = new SourceReader(path, tree, aliases)
  reader.visit(tree)
  // the last line ends with a line feed, it does not begin another
  const lines = tree.getLineStarts().length - (text.endsWith('\n') ? 1 : 0)
  return { path, lines, imports: reader.imports, exports: reader.exports, mentions: reader.mentions }
}

/** Globals whose use the rules speak of; `Date` counts with its property or, as `new Date`, without arguments. */
const WATCHED = new Set([
  'process',
  'Date',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'fetch',
  'console',
])

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true
  if (ts.isExportDeclaration(node)) return node.isTypeOnly
  if (!ts.isImportDeclaration(node) || !node.importClause) return false
  const { phaseModifier, name, namedBindings } = node.importClause
  if (phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  if (name || !namedBindings || !ts.isNamedImports(namedBindings)) return false
  return namedBindings.elements.length > 0 && namedBindings.elements.every((element) => element.isTypeOnly)
}

class SourceReader {
  readonly imports: Import[] = []
  readonly exports: Mention[] = []
  readonly mentions: Mention[] = []
  readonly #path: string
  readonly #tree: ts.SourceFile
  readonly #aliases: Aliases

  constructor(path: string, tree: ts.SourceFile, aliases: Aliases) {
    this.#path = path
    this.#tree = tree
    this.#aliases = aliases
  }

  visit(node: ts.Node): void {
    if (ts.isImportDeclaration(node)) this.#import(node, node.moduleSpecifier, importedNames(node))
    else if (ts.isExportDeclaration(node)) this.#exportDeclaration(node)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      this.#import(node, node.argument.literal, node.qualifier ? [node.qualifier.getText()] : ['*'])
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      this.#import(node, node.arguments[0], ['*'])
    } else {
      this.#exported(node)
      this.#mention(node)
    }
    ts.forEachChild(node, (child) => {
      this.visit(child)
    })
  }

  #import(node: ts.Node, specifier: ts.Node | undefined, names: readonly string[]): void {
    if (!specifier || !ts.isStringLiteralLike(specifier)) return
    this.imports.push({
      specifier: specifier.text,
      target: this.#resolve(specifier.text),
      names,
      typeOnly: isTypeOnly(node),
      line: this.#line(node),
    })
  }

  #resolve(specifier: string): string | undefined {
    if (specifier.startsWith('.'))
      return normalize(join(dirname(this.#path), specifier)).replaceAll('\\', '/')
    return this.#aliases[specifier]
  }

  #exportDeclaration(node: ts.ExportDeclaration): void {
    const elements =
      node.exportClause && ts.isNamedExports(node.exportClause) ? node.exportClause.elements : []
    for (const element of elements) this.#export(element.name.text, node)
    if (!node.moduleSpecifier) return
    const names = elements.map((element) => (element.propertyName ?? element.name).text)
    this.#import(node, node.moduleSpecifier, node.exportClause && names.length > 0 ? names : ['*'])
  }

  /** `export const a, b`, `export function a`, `export class A`, `export interface A`, `export default ...`. */
  #exported(node: ts.Node): void {
    if (ts.isExportAssignment(node)) return this.#export('default', node)
    const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : []
    if (!modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)) return
    if (modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword))
      return this.#export('default', node)
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) {
      if (!this.#speaksOf(node.name)) this.#export(node.name.text, node)
      return
    }
    if (!ts.isVariableStatement(node))
      return this.#export((node as ts.DeclarationStatement).name?.getText() ?? '', node)
    for (const declaration of node.declarationList.declarations) {
      for (const name of boundNames(declaration.name)) this.#export(name, node)
    }
  }

  /** Whether the name stands anywhere but in its own declaration. */
  #speaksOf(name: ts.Identifier): boolean {
    const visit = (node: ts.Node): boolean =>
      (node !== name && ts.isIdentifier(node) && node.text === name.text) ||
      (ts.forEachChild(node, visit) ?? false)
    return visit(this.#tree)
  }

  #export(name: string, node: ts.Node): void {
    this.exports.push({ name, line: this.#line(node) })
  }

  #mention(node: ts.Node): void {
    if (!ts.isIdentifier(node) || !WATCHED.has(node.text) || !isValueUse(node)) return
    for (const name of usesOf(node)) this.mentions.push({ name, line: this.#line(node) })
  }

  #line(node: ts.Node): number {
    return this.#tree.getLineAndCharacterOfPosition(node.getStart()).line + 1
  }
}

function importedNames(node: ts.ImportDeclaration): string[] {
  const clause = node.importClause
  const bindings = clause?.namedBindings
  const names =
    bindings && ts.isNamedImports(bindings)
      ? bindings.elements.map((one) => (one.propertyName ?? one.name).text)
      : []
  if (bindings && ts.isNamespaceImport(bindings)) names.push('*')
  if (clause?.name) names.push('default')
  return names
}

function boundNames(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text]
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : boundNames(element.name)))
}

/** Whether the identifier reads the global, and is not a property, a key, a declaration or part of a type. */
function isValueUse(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isTypeReferenceNode(parent) || ts.isQualifiedName(parent) || ts.isTypeQueryNode(parent)) return false
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node
  const named = parent as { readonly name?: ts.Node }
  return named.name !== node || ts.isShorthandPropertyAssignment(parent)
}

/** `process.env` for `process.env`, `process['env']` and `const { env } = process`. */
function usesOf(node: ts.Identifier): string[] {
  const { parent, text } = node
  if (ts.isPropertyAccessExpression(parent)) return [`${text}.${parent.name.text}`]
  if (ts.isElementAccessExpression(parent) && parent.expression === node) {
    const key = parent.argumentExpression
    return [`${text}.${ts.isStringLiteralLike(key) ? key.text : '*'}`]
  }
  if (ts.isVariableDeclaration(parent) && ts.isObjectBindingPattern(parent.name)) {
    return parent.name.elements.map(
      (element) => `${text}.${(element.propertyName ?? element.name).getText()}`,
    )
  }
  if (ts.isNewExpression(parent)) return [`new ${text}(${parent.arguments?.length ? '...' : ''})`]
  return [ts.isCallExpression(parent) && parent.expression === node ? `${text}()` : text]
}

/**
 * Counts at every place where a program can go one way or another: function bodies, branches, loops, cases, what
 * stands behind `&&`, `||`, `??` and `?`. What libFuzzer's front ends do, in the little that mutation needs of it.
 */
import { build } from 'esbuild'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import type { FuzzTarget } from './targets/fuzz-target.ts'

const ALL = fileURLToPath(new URL('targets/all-targets.ts', import.meta.url))
/** In reach of our packages. */
const DIST = fileURLToPath(new URL('../../dist', import.meta.url))
const MAP = '__portico_coverage'
const LOGICAL: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
])

export interface InstrumentedTargets {
  readonly targets: readonly FuzzTarget[]
  /** How often each place was passed since it was last cleared; stays at 255. */
  readonly counts: Uint8Array
}

/** All targets with what they import of ours, bundled and with counters in it. */
export async function instrumentTargets(): Promise<InstrumentedTargets> {
  mkdirSync(DIST, { recursive: true })
  const folder = mkdtempSync(join(DIST, 'fuzz-'))
  try {
    const outfile = join(folder, 'targets.cjs')
    const { outputFiles } = await build({
      entryPoints: [ALL],
      outfile,
      write: false,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node24',
      packages: 'external',
      logLevel: 'error',
      define: { 'import.meta.url': JSON.stringify(import.meta.url) },
    })
    const { text, places } = instrument(outputFiles[0]?.text ?? '')
    writeFileSync(outfile, text)
    const counts = new Uint8Array(places)
    Object.assign(globalThis, { [MAP]: counts })
    const { TARGETS } = createRequire(import.meta.url)(outfile) as { TARGETS: readonly FuzzTarget[] }
    return { targets: TARGETS, counts }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
} // prettier-ignore

/** The program with a counter at each place, and how many places there are. */
export function instrument(source: string): { text: string; places: number } {
  const file = ts.createSourceFile('targets.cjs', source, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS)
  const { factory } = ts
  let places = 0
  // counts[n] += counts[n] < 255: no overflow to 0
  const count = (): ts.Expression => {
    const cell = (): ts.Expression => factory.createElementAccessExpression(factory.createIdentifier(MAP), places)
    const full = factory.createBinaryExpression(cell(), ts.SyntaxKind.LessThanToken, factory.createNumericLiteral(255))
    const step = factory.createBinaryExpression(cell(), ts.SyntaxKind.PlusEqualsToken, factory.createParenthesizedExpression(full))
    places += 1
    return factory.createParenthesizedExpression(step)
  }
  const before = (statements: readonly ts.Statement[]): ts.Statement[] => [factory.createExpressionStatement(count()), ...statements]
  const block = (statement: ts.Statement): ts.Block =>
    factory.createBlock(before(ts.isBlock(statement) ? statement.statements : [statement]), true)
  const behind = (expression: ts.Expression): ts.Expression => factory.createParenthesizedExpression(factory.createComma(count(), expression))
  const { transformed } = ts.transform(file, [
    (context) => {
      const visit = (node: ts.Node): ts.Node => {
        const made = ts.visitEachChild(node, visit, context)
        if (ts.isIfStatement(made)) return factory.updateIfStatement(made, made.expression, block(made.thenStatement), made.elseStatement && (ts.isIfStatement(made.elseStatement) ? made.elseStatement : block(made.elseStatement)))
        if (ts.isWhileStatement(made)) return factory.updateWhileStatement(made, made.expression, block(made.statement))
        if (ts.isForStatement(made)) return factory.updateForStatement(made, made.initializer, made.condition, made.incrementor, block(made.statement))
        if (ts.isForOfStatement(made)) return factory.updateForOfStatement(made, made.awaitModifier, made.initializer, made.expression, block(made.statement))
        if (ts.isCaseClause(made)) return factory.updateCaseClause(made, made.expression, before(made.statements))
        if (ts.isDefaultClause(made)) return factory.updateDefaultClause(made, before(made.statements))
        if (ts.isConditionalExpression(made)) return factory.updateConditionalExpression(made, made.condition, made.questionToken, behind(made.whenTrue), made.colonToken, behind(made.whenFalse))
        if (ts.isBinaryExpression(made) && LOGICAL.has(made.operatorToken.kind)) return factory.updateBinaryExpression(made, made.left, made.operatorToken, behind(made.right))
        return made
      }
      return (root) => ts.visitEachChild(root, visit, context)
    },
  ])
  const [result] = transformed
  if (result === undefined) throw new Error('nothing was transformed')
  return { text: ts.createPrinter().printFile(result), places }
} // prettier-ignore

/** The condition of `if` and `elif`: `text`, `text = text`, `text != text`, `text = /pattern/`. */
import type { Request } from '../../request.ts'
import { SsiError, type PageVariables } from './page-variables.ts'

/** @throws SsiError */
export function isTrue(request: Request, page: PageVariables, expression: string): boolean {
  const written = /^[A-Za-z0-9${}_"']*/.exec(expression)?.[0] ?? ''
  const left = page.evaluate(request, written.toLowerCase())
  const rest = expression.slice(written.length).replace(/^ +/, '')
  if (rest === '') return left !== ''
  const operator = /^(?:=|!=)/.exec(rest)?.[0]
  if (operator === undefined) throw invalid(expression)
  const right = rest.slice(operator.length).replace(/^ +/, '')
  return holds(request, page, left, right, expression) === (operator === '=')
}

function holds(
  request: Request,
  page: PageVariables,
  left: string,
  right: string,
  expression: string,
): boolean {
  if (right.length > 1 && right.startsWith('/')) {
    if (!right.endsWith('/')) throw invalid(expression)
    return page.match(page.evaluate(request, right.slice(1, -1)), left)
  }
  return left === page.evaluate(request, right.startsWith('\\/') ? right.slice(1) : right)
}

function invalid(expression: string): SsiError {
  return new SsiError(`invalid expression in "${expression}"`)
}

import type { Context } from '../context.ts'
import { compare, isEqual, isIn, isTruthy } from '../python/compare.ts'
import type { TagParser } from '../tag-parser.ts'
import { TemplateSyntaxError } from '../template-error.ts'
import { isThenable } from '../thenable.ts'

/** A condition's value, or a promise of it. */
export type Evaluate = (context: Context) => unknown

interface Infix {
  readonly power: number
  readonly compile: (left: Evaluate, right: Evaluate) => Evaluate
}

/** Precedence as in Python: the operator with the higher power binds its operands first. */
const INFIX: ReadonlyMap<string, Infix> = new Map<string, Infix>([
  ['or', { power: 6, compile: either }],
  ['and', { power: 7, compile: both }],
  ['in', { power: 9, compile: comparing(isIn) }],
  ['not in', { power: 9, compile: comparing((a, b) => !isIn(a, b)) }],
  ['is', { power: 10, compile: comparing(isSame) }],
  ['is not', { power: 10, compile: comparing((a, b) => !isSame(a, b)) }],
  ['==', { power: 10, compile: comparing((a, b) => isEqual(a, b)) }],
  ['!=', { power: 10, compile: comparing((a, b) => !isEqual(a, b)) }],
  ['>', { power: 10, compile: comparing((a, b) => compare(a, b) > 0) }],
  ['>=', { power: 10, compile: comparing((a, b) => compare(a, b) >= 0) }],
  ['<', { power: 10, compile: comparing((a, b) => compare(a, b) < 0) }],
  ['<=', { power: 10, compile: comparing((a, b) => compare(a, b) <= 0) }],
])
const NOT_POWER = 8

function isSame(a: unknown, b: unknown): boolean {
  return a === b || (a === undefined && b === null) || (a === null && b === undefined)
}

/** As in Django, an operator whose operands do not go together, or cannot be had, is false and not an error. */
function guarded(evaluate: Evaluate): Evaluate {
  return (context) => {
    try {
      const value = evaluate(context)
      return isThenable(value) ? Promise.resolve(value).catch(() => false) : value
    } catch {
      return false
    }
  }
}

function comparing(test: (left: unknown, right: unknown) => boolean): Infix['compile'] {
  return (left, right) =>
    guarded((context) => {
      const a = left(context)
      if (isThenable(a)) return compareLater(test, a, right, context)
      const b = right(context)
      return isThenable(b) ? Promise.resolve(b).then((settled) => test(a, settled)) : test(a, b)
    })
}

async function compareLater(
  test: (left: unknown, right: unknown) => boolean,
  left: PromiseLike<unknown>,
  right: Evaluate,
  context: Context,
): Promise<boolean> {
  const a = await left
  return test(a, await right(context))
}

function either(left: Evaluate, right: Evaluate): Evaluate {
  const choose = (value: unknown, context: Context): unknown => (isTruthy(value) ? value : right(context))
  return choosing(left, choose)
}

function both(left: Evaluate, right: Evaluate): Evaluate {
  const choose = (value: unknown, context: Context): unknown => (isTruthy(value) ? right(context) : value)
  return choosing(left, choose)
}

function choosing(left: Evaluate, choose: (value: unknown, context: Context) => unknown): Evaluate {
  return guarded((context) => {
    const value = left(context)
    return isThenable(value)
      ? Promise.resolve(value).then((settled) => choose(settled, context))
      : choose(value, context)
  })
}

function negate(operand: Evaluate): Evaluate {
  return guarded((context) => {
    const value = operand(context)
    return isThenable(value) ? Promise.resolve(value).then((settled) => !isTruthy(settled)) : !isTruthy(value)
  })
}

/** A top-down operator precedence parser for the condition of an `if`. */
export class ConditionParser {
  readonly #words: readonly string[]
  readonly #parser: TagParser
  #at = 0

  constructor(words: readonly string[], parser: TagParser) {
    this.#words = joinOperators(words)
    this.#parser = parser
  }

  parse(): Evaluate {
    const condition = this.#expression(0)
    const rest = this.#words[this.#at]
    if (rest !== undefined) throw new TemplateSyntaxError(`Unused '${rest}' at end of if expression.`)
    return condition
  }

  #expression(power: number): Evaluate {
    let left = this.#operand()
    for (;;) {
      const word = this.#words[this.#at]
      const operator = word === undefined ? undefined : INFIX.get(word)
      if (word === 'not' && power < NOT_POWER) {
        throw new TemplateSyntaxError("Not expecting 'not' as infix operator in if tag.")
      }
      if (!operator || operator.power <= power) return left
      this.#at++
      left = operator.compile(left, this.#expression(operator.power))
    }
  }

  #operand(): Evaluate {
    const word = this.#words[this.#at++]
    if (word === undefined) throw new TemplateSyntaxError('Unexpected end of expression in if tag.')
    if (word === 'not') return negate(this.#expression(NOT_POWER))
    if (INFIX.has(word)) throw new TemplateSyntaxError(`Not expecting '${word}' in this position in if tag.`)
    return this.#parser.compileFilter(word).resolveOrNull
  }
}

/** `not in` and `is not` are one operator each. */
function joinOperators(words: readonly string[]): string[] {
  const joined: string[] = []
  for (let i = 0; i < words.length; i++) {
    const pair = `${words[i] ?? ''} ${words[i + 1] ?? ''}`
    if (pair === 'not in' || pair === 'is not') {
      joined.push(pair)
      i++
    } else {
      joined.push(words[i] ?? '')
    }
  }
  return joined
}

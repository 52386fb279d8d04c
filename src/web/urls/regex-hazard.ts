/**
 * Finds expressions whose running time grows faster than the text: a path of a few thousand characters can then hold
 * the process up. It judges by the form: what is not found may still be slow, and now and then what is found is not.
 */
import { firstOf, isNullable, OpaqueRegex, overlap, reach, RegexTree, type Piece } from './regex-tree.ts'

/** From here on a counted repetition is taken for an endless one. */
const manyTimes = 50

/** Says why an expression is super-linear; null when no reason was found. */
export function regexHazard(source: string): string | null {
  try {
    const branches = new RegexTree(source).read()
    const anchored = source.startsWith('^')
    const mustEnd = /(?:^|[^\\])(?:\$|\\z)$/i.test(source)
    for (const branch of branches) {
      const hazard = branchHazard(branch) ?? (anchored ? null : searchHazard(branch, mustEnd))
      if (hazard !== null) return hazard
    }
    return null
  } catch (error) {
    if (error instanceof OpaqueRegex) return null
    throw error
  }
}

function isEndless(piece: Piece): boolean {
  return piece.max >= manyTimes
}

function branchHazard(pieces: readonly Piece[]): string | null {
  for (const piece of pieces) {
    const hazard = pieceHazard(piece)
    if (hazard !== null) return hazard
  }
  return neighbourHazard(flattened(pieces))
}

function pieceHazard(piece: Piece): string | null {
  if (isEndless(piece) && piece.branches.length > 0) {
    if (branchesOverlap(piece.branches)) return 'a repeated group has alternatives that begin alike: (a|aa)*'
    if (piece.branches.some(repeatsItself)) return 'a repetition stands inside a repetition: (a+)+'
  }
  for (const branch of piece.branches) {
    const hazard = branchHazard(branch)
    if (hazard !== null) return hazard
  }
  return null
}

function branchesOverlap(branches: readonly (readonly Piece[])[]): boolean {
  const firsts = branches.map(firstOf)
  return firsts.some((first, index) => firsts.slice(index + 1).some((other) => overlap(first, other)))
}

/** True when the same text can be one round of the group or several. */
function repeatsItself(branch: readonly Piece[]): boolean {
  const pieces = flattened(branch)
  return pieces.some(
    (piece) =>
      isEndless(piece) &&
      pieces.every((other) => other === piece || isNullable(other) || overlap(reach(other), reach(piece))),
  )
}

/** Groups that stand once are opened, so that what is next to each other in the text is so in the list. */
function flattened(pieces: readonly Piece[]): Piece[] {
  return pieces.flatMap((piece) => {
    const [only] = piece.branches
    const opens = piece.branches.length === 1 && piece.max === 1 && only !== undefined
    if (!opens) return [piece]
    return flattened(only).map((inner) => (piece.min === 0 ? { ...inner, min: 0 } : inner))
  })
}

/** Two repetitions that can share a text in many ways, with nothing between that tells where one ends. */
function neighbourHazard(pieces: readonly Piece[]): string | null {
  for (const [index, left] of pieces.entries()) {
    if (!isEndless(left)) continue
    const shared = reach(left)
    for (const right of pieces.slice(index + 1)) {
      if (isEndless(right) && overlap(shared, reach(right))) {
        return 'two repetitions can take the same text: .*.*'
      }
      if (!isNullable(right) && !overlap(shared, reach(right))) break
    }
  }
  return null
}

/** An expression that may begin anywhere tries again at each character of its first repetition. */
function searchHazard(branch: readonly Piece[], mustEnd: boolean): string | null {
  const pieces = flattened(branch)
  const [first] = pieces
  if (first === undefined || !isEndless(first)) return null
  const restMustMatch = mustEnd || pieces.slice(1).some((piece) => !isNullable(piece))
  return restMustMatch ? 'it has no ^, and begins with a repetition' : null
}

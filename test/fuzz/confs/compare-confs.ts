/** Made confs before `portico -t` and `nginx -t`: the same verdict, on the same line, or a difference that is known. */
import { ConfJudges } from '../../support/conf-judges.ts'
import { ConfMaker } from './conf-maker.ts'
import { isKnown } from './known-differences.ts'

export interface Verdict {
  /** `accepted`, or what is wrong. */
  readonly said: string
  /** Line of the fault; undefined where none is named. */
  readonly line: number | undefined
}

export interface ConfDifference {
  /** The conf with all lines out of it that do not matter. */
  readonly text: string
  readonly ours: string
  readonly theirs: string
}

export interface ConfFigures {
  confs: number
  accepted: number
  refused: number
  /** Those with a directive that came after nginx 1.22. */
  later: number
  known: number
  readonly differences: ConfDifference[]
}

const MAX_DIFFERENCES = 40

export function compareConfs(nginx: string, total: number, seed: number): ConfFigures {
  const judges = new ConfJudges()
  const maker = new ConfMaker(seed)
  const figures: ConfFigures = { confs: 0, accepted: 0, refused: 0, later: 0, known: 0, differences: [] }
  try {
    while (figures.confs < total && figures.differences.length < MAX_DIFFERENCES) {
      figures.confs += 1
      count(figures, maker.next(), (text) => judge(judges, nginx, text))
    }
    return figures
  } finally {
    judges.close()
  }
}

type Judge = (text: string) => readonly [ours: Verdict, theirs: Verdict]

function judge(judges: ConfJudges, nginx: string, text: string): readonly [ours: Verdict, theirs: Verdict] {
  judges.write(text)
  return [verdict(judges.ours()), verdict(judges.theirs(nginx))]
}

/** The last line is the fault; before it are warnings. */
function verdict(text: string): Verdict {
  const said = text.startsWith('accepted') ? 'accepted' : (text.split('\n').at(-1) ?? '')
  const line = / in CONF:(\d+)$/.exec(said)?.[1]
  return { said: said.replace(/:\d+$/, ''), line: line === undefined ? undefined : Number(line) }
}

function count(figures: ConfFigures, text: string, ask: Judge): void {
  const [ours, theirs] = ask(text)
  if (/unknown directive/.test(theirs.said) && !/unknown directive/.test(ours.said)) figures.later += 1
  else if (agree(ours, theirs)) figures[ours.said === 'accepted' ? 'accepted' : 'refused'] += 1
  else {
    const reduced = reduce(text, ask)
    const [we, they] = ask(reduced)
    if (isKnown(we.said, they.said, reduced) || isOrder(reduced, ask)) figures.known += 1
    else figures.differences.push({ text: reduced, ours: shown(we), theirs: shown(they) })
  }
}

function agree(ours: Verdict, theirs: Verdict): boolean {
  if (ours.said === 'accepted' || theirs.said === 'accepted') return ours.said === theirs.said
  return theirs.line === undefined || ours.line === theirs.line
}

function shown({ said, line }: Verdict): string {
  return line === undefined ? said : `${said}:${line}`
}

/**
 * Two faults, of which we name the later one: some are found when a block is whole, or when all of the conf is read.
 * Without ours, both name the other.
 */
function isOrder(text: string, ask: Judge): boolean {
  const [ours, theirs] = ask(text)
  if (ours.line === undefined || ours.said === 'accepted' || theirs.said === 'accepted') return false
  const lines = text.split('\n')
  const at = ours.line - 1
  // a directive that is not ended begins on the line before
  const without = [lines.toSpliced(at, blockSize(lines, at) || 1), lines.slice(0, Math.max(at - 1, 0))]
  return without.some((rest) => agreeWhenClosed(rest, theirs, text, ask))
}

/** Whether both say what nginx said of `text`, once the blocks that are left open are closed. */
function agreeWhenClosed(rest: string[], before: Verdict, text: string, ask: Judge): boolean {
  for (let open = 0; open < 6; open += 1) {
    const [we, they] = ask(rest.join('\n'))
    const isSame = unnumbered(they.said) === unnumbered(before.said)
    if (isSame && (agree(we, they) || isKnown(we.said, they.said, text))) return true
    rest.push('}')
  }
  return false
}

/** A fault may name the line of another place, which moves when lines before it go. */
const unnumbered = (said: string): string => said.replaceAll(/CONF:\d+/g, 'CONF')

/** Leaves out lines, and blocks whole, while what the two say stays what it was. */
function reduce(text: string, ask: Judge): string {
  const before = ask(text).map(({ said }) => said)
  const same = (shorter: string): boolean => {
    const [ours, theirs] = ask(shorter)
    return !agree(ours, theirs) && ours.said === before[0] && theirs.said === before[1]
  }
  let lines = text.split('\n')
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    for (const size of [blockSize(lines, at), 1]) {
      const shorter = lines.toSpliced(at, size)
      if (size === 0 || !same(shorter.join('\n'))) continue
      lines = shorter
      break
    }
  }
  return lines.join('\n')
}

/** Lines of the block that begins there; 0 for none. */
function blockSize(lines: readonly string[], start: number): number {
  if (lines[start]?.trimEnd().endsWith('{') !== true) return 0
  let depth = 0
  for (let at = start; at < lines.length; at += 1) {
    if (lines[at]?.trimEnd().endsWith('{') === true) depth += 1
    if (lines[at]?.trim() === '}') depth -= 1
    if (depth === 0) return at + 1 - start
  }
  return 0
}

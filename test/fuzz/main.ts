/**
 * Fuzzing by hand, for as long as is wanted; inputs come of a seed, which is printed.
 *
 *   node test/fuzz/main.ts [target ...] [--runs 100000] [--seed N]    mutations of each target's seeds
 *   node test/fuzz/main.ts --coverage [target ...]                     the same, guided by what they reach
 *   node test/fuzz/main.ts framing [--runs 100000]                    pairs of requests through both tiers
 *   node test/fuzz/main.ts confs [--runs 100000]                      confs to ours and to `nginx -t`
 *   node test/fuzz/main.ts requests [--runs 100000]                   connections to ours and to a real nginx
 *   node test/fuzz/main.ts h11 [--runs 100000]                        connections to ours and to Python's h11
 */
import { parseArgs } from 'node:util'
import { compareConfs } from './confs/compare-confs.ts'
import { runFraming, type FramingKind } from './framing/run.ts'
import { FramingTiers } from './framing/tiers.ts'
import { compareWithH11 } from './h11.ts'
import { instrumentTargets } from './instrument.ts'
import { peer } from '../support/peer.ts'
import { NginxBeside } from './nginx-requests.ts'
import { fuzz } from './own-engine.ts'
import { TARGETS } from './targets/all-targets.ts'
import type { FuzzTarget } from './targets/fuzz-target.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '100000' },
    coverage: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now() % 0x7fff_ffff) },
  },
})
const runs = Number(values.runs)
const seed = Number(values.seed)

async function framing(): Promise<number> {
  const tiers = await new FramingTiers().start()
  let failed = 0
  try {
    for (const kind of ['pairs', 'connections'] satisfies FramingKind[]) {
      failed += await framingOf(tiers, kind)
    }
    for (const fault of [...tiers.upstream.faults, ...tiers.alarms]) console.log(fault)
    return failed + tiers.upstream.faults.length + tiers.alarms.length
  } finally {
    await tiers.stop()
  }
}

const STEP = 5000
const CONFS_STEP = 1000

function confs(): number {
  let [done, accepted, refused, known, failed] = [0, 0, 0, 0, 0]
  while (done < runs) {
    const figures = compareConfs(peer('nginx'), Math.min(CONFS_STEP, runs - done), seed + done)
    done += Math.min(CONFS_STEP, runs - done)
    accepted += figures.accepted
    refused += figures.refused
    known += figures.known
    failed += figures.differences.length
    for (const { text, ours, theirs } of figures.differences)
      console.log(`${JSON.stringify(text)}\n  ours  ${ours}\n  nginx ${theirs}`)
    console.log(`confs: ${done} to both, ${accepted} accepted, ${refused} refused, ${known} known differences, ${failed} findings`) // prettier-ignore
  }
  return failed
}

async function framingOf(tiers: FramingTiers, kind: FramingKind): Promise<number> {
  let [done, accepted, refused, failed] = [0, 0, 0, 0]
  while (done < runs) {
    const figures = await runFraming(tiers, kind, Math.min(STEP, runs - done), seed + done)
    done += Math.min(STEP, runs - done)
    accepted += figures.accepted
    refused += figures.refused
    failed += figures.faults.length
    for (const fault of figures.faults) console.log(fault)
    console.log(
      `${kind}: ${done} to both tiers, ${accepted} accepted, ${refused} refused, ${failed} findings`,
    )
  }
  return failed
}

async function requests(): Promise<number> {
  const servers = await NginxBeside.start(peer('nginx'))
  let [done, taken, refused, known, failed] = [0, 0, 0, 0, 0]
  try {
    while (done < runs) {
      const figures = await servers.compare(Math.min(STEP, runs - done), seed + done)
      done += Math.min(STEP, runs - done)
      taken += figures.taken
      refused += figures.refused
      known += figures.known
      failed += figures.differences.length
      for (const difference of figures.differences) console.log(difference)
      console.log(`requests: ${done} connections to both, ${taken} taken, ${refused} refused, ${known} known differences, ${failed} findings`) // prettier-ignore
    }
    return failed
  } finally {
    await servers.stop()
  }
}

async function mutate(targets: readonly FuzzTarget[], counts?: Uint8Array): Promise<number> {
  let [executions, findings] = [0, 0]
  for (const target of targets) {
    const before = performance.now()
    const figures = await fuzz(target, runs, seed, counts)
    const perSecond = figures.executions / ((performance.now() - before) / 1000)
    executions += figures.executions
    findings += figures.findings.length
    console.log(
      `${target.name}: ${figures.executions} executions, ${perSecond.toFixed(0)}/s, slowest ${figures.slowestMs.toFixed(0)} ms, ${figures.reached} reached, ${figures.findings.length} findings`,
    )
    for (const { input, error } of figures.findings) console.log(`  ${input}\n  ${error}`)
  }
  console.log(`${executions} executions, ${findings} findings`)
  return findings
}

function chosen(all: readonly FuzzTarget[]): readonly FuzzTarget[] {
  if (positionals.length === 0) return all
  return positionals.map((name) => {
    const target = all.find((one) => one.name === name)
    if (!target) throw new Error(`no target "${name}": ${all.map((one) => one.name).join(', ')}`)
    return target
  })
}

async function guided(): Promise<number> {
  const { targets, counts } = await instrumentTargets()
  console.log(`${counts.length} places`)
  return mutate(chosen(targets), counts)
}

console.log(`seed ${seed}`)
let failed: number
if (positionals[0] === 'framing') failed = await framing()
else if (positionals[0] === 'confs') failed = confs()
else if (positionals[0] === 'requests') failed = await requests()
else if (positionals[0] === 'h11') failed = compareWithH11(runs, seed)
else if (values.coverage) failed = await guided()
else failed = await mutate(chosen(TARGETS))
process.exitCode = failed === 0 ? 0 : 1

/** One command of the soak: what it does to a server under load, and what it counts. */

export interface ScenarioOptions {
  /** The run goes on until there were so many. */
  readonly requests: number
  /** How often what the scenario is about happens, spread over the requests. */
  readonly events: number
  /** The run ends then, however far it came; that is a fault of its own. */
  readonly limitMs: number
  /** Gateway protocol between the tiers. */
  readonly protocol: string
  readonly say: (line: string) => void
}

export interface ScenarioReport {
  readonly requests: number
  readonly answered: Readonly<Record<string, number>>
  /** What failed as it had to, by reason. */
  readonly expected: Readonly<Record<string, number>>
  /** What must not be. */
  readonly faults: readonly string[]
  /** Whatever else is worth knowing. */
  readonly figures: Readonly<Record<string, number | string>>
}

export interface Scenario {
  readonly name: string
  /** What it promises where it ends well. */
  readonly promise: string
  readonly requests: number
  readonly events: number
  readonly minutes: number
  run(options: ScenarioOptions): Promise<ScenarioReport>
}

/** Waits until the condition holds, at most so long. Answers whether it held. */
export async function reached(condition: () => boolean, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs
  while (!condition()) {
    if (performance.now() > end) return false
    await pause(20)
  }
  return true
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

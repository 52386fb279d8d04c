/**
 * The first of all imports: an older runtime would end in the middle of another with words about syntax or a module
 * that it does not know. To be imported for its effect.
 */
const NEEDED = 24

/** Undefined where the runtime will do. @param version `process.versions.node` */
export function runtimeProblem(version: string): string | undefined {
  if (Number.parseInt(version, 10) >= NEEDED) return undefined
  return (
    `portico: this is Node.js ${version}, and ${NEEDED} or later is needed.\n` +
    `  Install it (https://nodejs.org), or put another first on PATH; the single executable brings its own.\n`
  )
}

const problem = runtimeProblem(process.versions.node)
if (problem !== undefined) {
  process.stderr.write(problem)
  process.exit(1)
}

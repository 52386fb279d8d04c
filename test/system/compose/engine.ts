/** A container engine by its own commands, and one project of compose on it. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const ROOT = new URL('../../../', import.meta.url).pathname
const MAX_OUTPUT_BYTES = 64 << 20

type Environment = Readonly<Record<string, string>>

async function run(command: readonly string[], environment: Environment = {}): Promise<string> {
  const [program = '', ...args] = command
  const env = { ...process.env, ...environment }
  const { stdout } = await execute(program, args, { cwd: ROOT, env, maxBuffer: MAX_OUTPUT_BYTES })
  return stdout
}

export const docker = (...args: string[]): Promise<string> => run(['docker', ...args])

/** The words that call compose, or why there is no calling it. */
export async function findCompose(): Promise<readonly string[] | string> {
  try {
    await docker('info')
  } catch (error) {
    return `no container engine: ${firstLine(error)}`
  }
  for (const words of [['docker', 'compose'], ['docker-compose']]) {
    const works = await run([...words, 'version']).then(
      () => true,
      () => false,
    )
    if (works) return words
  }
  return 'no compose: neither `docker compose` nor `docker-compose` is there'
}

function firstLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const stderr = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : ''
  return (stderr || error.message).split('\n')[0] ?? ''
}

export interface Container {
  readonly id: string
  /** By network, without the project's name before it. */
  readonly addresses: ReadonlyMap<string, string>
  readonly state: string
  readonly health: string | undefined
  readonly exitCode: number
}

/** What `docker inspect` says, as far as it is asked here. */
interface Inspected {
  readonly Id: string
  readonly State: {
    readonly Status: string
    readonly ExitCode: number
    readonly Health?: { readonly Status: string }
  }
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> }
}

export class ComposeProject {
  readonly name: string
  readonly #words: readonly string[]
  readonly #environment: Environment

  /** @param files that follow docker-compose.yml, for what this machine alone needs */
  constructor(name: string, compose: readonly string[], files: readonly string[], environment: Environment) {
    this.name = name
    const named = ['docker-compose.yml', ...files].flatMap((file) => ['-f', file])
    this.#words = [...compose, '-p', name, ...named]
    this.#environment = environment
  }

  compose(...args: string[]): Promise<string> {
    return run([...this.#words, ...args], this.#environment)
  }

  async containers(service: string): Promise<Container[]> {
    const ids = (await this.compose('ps', '-q', service)).split('\n').filter((id) => id !== '')
    if (ids.length === 0) return []
    return (JSON.parse(await docker('inspect', ...ids)) as Inspected[]).map((one) => this.#containerOf(one))
  }

  #containerOf({ Id: id, State: state, NetworkSettings: { Networks: networks } }: Inspected): Container {
    const addresses = new Map(
      Object.entries(networks).map(([name, { IPAddress: ip }]) => [name.replace(`${this.name}_`, ''), ip]),
    )
    return { id, addresses, state: state.Status, health: state.Health?.Status, exitCode: state.ExitCode }
  }

  /** Also of those that ended, which newer versions of `ps` leave out. */
  async oneShot(service: string): Promise<Container | undefined> {
    const labels = { project: this.name, service }
    const filters = Object.entries(labels).map(([key, value]) => `label=com.docker.compose.${key}=${value}`)
    const [id] = (await docker('ps', '-aq', ...filters.flatMap((one) => ['--filter', one]))).split('\n')
    if (id === undefined || id === '') return undefined
    const [inspected] = JSON.parse(await docker('inspect', id)) as Inspected[]
    return inspected && this.#containerOf(inspected)
  }

  logs(service: string): Promise<string> {
    return this.compose('logs', '--no-color', service)
  }
}

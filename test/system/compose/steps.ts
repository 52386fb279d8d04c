/** What docker-compose.yml is to do, in this order. Each step says what it saw, or throws. */
import { docker, type ComposeProject } from './engine.ts'
import { eventually, pause, SteadyVisitors, Visitor } from './site.ts'

const START_MS = 180_000
const LEAST_GETS = 500
const VISITORS = 4
const PATHS = ['/', '/api/entries/', '/write/']
/** A database that is away is said to be within its time-out of 5 s, and some. */
const UNAVAILABLE_MS = 10_000
const RECOVERY_MS = 60_000

export class Steps {
  readonly #project: ComposeProject
  readonly #name = `compose${Date.now() % 100_000}`
  readonly #line = `Written through two tiers, ${this.#name}.`
  /** Signed in, from the second step on. */
  #visitor = new Visitor('')
  #origin = ''

  constructor(project: ComposeProject) {
    this.#project = project
  }

  readonly all: readonly (readonly [what: string, step: () => Promise<string>])[] = [
    ['up from nothing', () => this.#up()],
    ['users, root file systems and processes', () => this.#confinement()],
    ['sign up, sign in and post', () => this.#post()],
    ['three application containers', () => this.#scale()],
    ['one id in the lines of both containers', () => this.#requestId()],
    ['a container killed, and another at a new address', () => this.#kill()],
    ['a container stopped while it answers', () => this.#drainApp()],
    ['the front stopped while it answers', () => this.#drainFront()],
    ['the database away and back', () => this.#outage('db')],
    ['the cache away and back', () => this.#outage('cache')],
    ['down, and up again', () => this.#downAndUp()],
  ]

  async #up(): Promise<string> {
    const startMs = performance.now()
    await this.#start(1)
    const migrate = await this.#project.oneShot('migrate')
    if (migrate?.state !== 'exited' || migrate.exitCode !== 0)
      throw new Error(`migrate: ${migrate?.state}, ${migrate?.exitCode}`)
    for (const service of ['front', 'app', 'db', 'cache'])
      await eventually(`${service} to be healthy`, START_MS, async () =>
        (await this.#project.containers(service)).every(({ health }) => health === 'healthy'),
      )
    return `${this.#origin}, all healthy after ${seconds(performance.now() - startMs)}; migrate ended with 0`
  }

  async #start(apps: number): Promise<void> {
    await this.#project.compose('up', '-d', '--scale', `app=${apps}`)
    const published = (await this.#project.compose('port', 'front', '8080')).trim()
    if (!published.startsWith('127.0.0.1:')) throw new Error(`published on ${published}, not on loopback`)
    this.#origin = `http://${published}`
    await eventually(
      'the first page',
      START_MS,
      async () => (await this.#newVisitor().get('/')).status === 200,
    )
  }

  #newVisitor(): Visitor {
    return new Visitor(this.#origin)
  }

  async #confinement(): Promise<string> {
    const said: string[] = []
    for (const service of ['front', 'app']) {
      const script = 'id -u; (touch /srv/portico/conf/x 2>&1 || true); tr "\\0" " " </proc/1/cmdline'
      const out = await this.#project.compose('exec', '-T', service, 'sh', '-c', script)
      const [user, touch = '', first = ''] = out.split('\n')
      if (user !== '1000' || !touch.includes('Read-only') || !first.startsWith('tini '))
        throw new Error(`${service}: ${out}`)
      said.push(`${service}: uid ${user}, read-only, process 1 is tini`)
    }
    return said.join('; ')
  }

  async #post(): Promise<string> {
    const visitor = (this.#visitor = this.#newVisitor())
    await visitor.signUp(this.#name)
    visitor.forget()
    await visitor.signIn(this.#name)
    await visitor.write(this.#line)
    if (!(await visitor.get('/')).text.includes(this.#line)) throw new Error('the line is not in the book')
    return `${this.#name} wrote a line`
  }

  /** All three answer, and each knows who is signed in. */
  async #scale(): Promise<string> {
    await this.#start(3)
    const addresses = await this.#appAddresses()
    if (addresses.length !== 3) throw new Error(`${addresses.length} containers`)
    await this.#answering(addresses)
    for (let i = 0; i < 20; i++) await this.#expectSignedIn()
    return `${addresses.join(', ')} all answer, and all know the session`
  }

  async #expectSignedIn(): Promise<void> {
    const { status, text } = await this.#visitor.get('/')
    if (status !== 200 || !text.includes(this.#name)) throw new Error(`GET /: ${status}, not signed in`)
  }

  /** Waits until the front has sent requests to each of these. */
  async #answering(addresses: readonly string[]): Promise<void> {
    const mark = `/?${Date.now()}`
    await eventually(`answers from ${addresses.join(', ')}`, START_MS, async () => {
      for (let i = 0; i < 6; i++) await this.#visitor.get(mark)
      const lines = (await this.#project.logs('front')).split('\n').filter((line) => line.includes(mark))
      return addresses.every((address) => lines.some((line) => line.includes(`upstream=${address}:`)))
    })
  }

  async #appAddresses(): Promise<string[]> {
    return (await this.#project.containers('app')).map(({ addresses }) => addresses.get('gateway') ?? '')
  }

  async #requestId(): Promise<string> {
    const path = `/nothing-${Date.now()}/`
    const { status } = await this.#visitor.get(path)
    if (status !== 404) throw new Error(`GET ${path}: ${status}`)
    const id = await eventually('the lines', 10_000, async () => {
      const front = (await this.#project.logs('front')).split('\n').find((line) => line.includes(path))
      const [, found = ''] = /id=([0-9a-f]{32})/.exec(front ?? '') ?? []
      const app = (await this.#project.logs('app')).split('\n').find((line) => line.includes(path))
      return found !== '' && app?.includes(found) === true && found
    })
    return `${id} of ${path}`
  }

  #steadyVisitors(): SteadyVisitors {
    const visitors = Array.from({ length: VISITORS }, () => {
      const visitor = this.#newVisitor()
      for (const [name, value] of this.#visitor.client.cookies) visitor.client.cookies.set(name, value)
      return visitor
    })
    return new SteadyVisitors(visitors, PATHS)
  }

  /** `change` runs in the midst of at least `LEAST_GETS` requests, none of which may fail. */
  async #underRequests(change: () => Promise<string>): Promise<string> {
    const visitors = this.#steadyVisitors()
    try {
      await pause(500)
      const said = await change()
      await visitors.stop(LEAST_GETS, START_MS)
      return `${said}; ${visitors.check(LEAST_GETS)}`
    } finally {
      await visitors.stop(0, 0)
    }
  }

  /** The old address is taken meanwhile, by a container that listens nowhere: who asks there is asking the wrong one. */
  #kill(): Promise<string> {
    return this.#underRequests(async () => {
      const [victim] = await this.#project.containers('app')
      const old = victim?.addresses.get('gateway') ?? ''
      await docker('kill', '--signal', 'KILL', victim?.id ?? '')
      await docker('rm', '-f', victim?.id ?? '')
      const network = ['--network', `${this.#project.name}_gateway`]
      const image = process.env['PORTICO_IMAGE'] ?? ''
      const place = ['run', '-d', '--rm', ...network, '--entrypoint', 'sleep', image, '600']
      const squatter = (await docker(...place)).trim()
      try {
        await this.#start(3)
        const addresses = await this.#appAddresses()
        if (addresses.length !== 3 || addresses.includes(old))
          throw new Error(`${addresses.join(', ')} after ${old}: no new address`)
        await this.#answering(addresses)
        return `${old} was killed, ${addresses.join(', ')} answer`
      } finally {
        await docker('rm', '-f', squatter)
      }
    })
  }

  #drainApp(): Promise<string> {
    return this.#underRequests(async () => {
      const [, one] = await this.#project.containers('app')
      const startMs = performance.now()
      await docker('stop', '--time', '40', one?.id ?? '')
      const tookMs = performance.now() - startMs
      const [stopped] = (await this.#all('app')).filter(({ id }) => id === one?.id)
      if (stopped?.exitCode !== 0) throw new Error(`it ended with ${stopped?.exitCode}`)
      await docker('start', one?.id ?? '')
      return `ended with 0 after ${seconds(tookMs)}`
    })
  }

  async #all(service: string): ReturnType<ComposeProject['containers']> {
    return this.#project.containers(service)
  }

  /** The clock's answer takes ten seconds, and is to be whole. */
  async #drainFront(): Promise<string> {
    const clock = this.#newVisitor().get('/clock/')
    await pause(1500)
    const startMs = performance.now()
    await this.#project.compose('stop', 'front')
    const tookMs = performance.now() - startMs
    const { status, text } = await clock
    if (status !== 200 || !text.endsWith('The doors are open.\n'))
      throw new Error(`${status}, ${JSON.stringify(text)}`)
    await this.#start(3)
    return `an answer of 10 s was whole, the front ended after ${seconds(tookMs)}`
  }

  async #outage(service: string): Promise<string> {
    await this.#project.compose('stop', service)
    const startMs = performance.now()
    const away = await this.#visitor.get('/')
    const tookMs = performance.now() - startMs
    if (away.status !== 503 || tookMs > UNAVAILABLE_MS)
      throw new Error(`without ${service}: ${away.status} after ${seconds(tookMs)}`)
    const health = await this.#newVisitor().get('/healthz/')
    if (health.status !== 200) throw new Error(`/healthz/ without ${service}: ${health.status}`)
    await this.#project.compose('start', service)
    const backMs = performance.now()
    await eventually(`the book with ${service}`, RECOVERY_MS, async () => {
      const { status, text } = await this.#visitor.get('/')
      return status === 200 && text.includes(this.#line)
    })
    await this.#expectSignedIn()
    return `503 after ${seconds(tookMs)}, 200 again ${seconds(performance.now() - backMs)} after its start, still signed in`
  }

  async #downAndUp(): Promise<string> {
    const count = await this.#entries()
    await this.#project.compose('down')
    await this.#start(2)
    const again = await this.#entries()
    if (again !== count) throw new Error(`${count} lines before, ${again} after`)
    await this.#expectSignedIn()
    const visitor = this.#newVisitor()
    await visitor.signIn(this.#name)
    if (!(await visitor.get('/')).text.includes(this.#line)) throw new Error('the line is not in the book')
    return `${count} lines before and after, and the session went on`
  }

  async #entries(): Promise<number> {
    const { text } = await this.#newVisitor().get('/')
    const [, count] = /(\d+) lines so far/.exec(text) ?? []
    if (count === undefined) throw new Error('the page does not say how many lines there are')
    return Number(count)
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

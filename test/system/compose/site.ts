/** The demo as its visitors have it, and what is waited for. */
import { CookieClient, type ClientAnswer } from '../../support/cookie-client.ts'

export const password = 'temple of the winds'

/** Resolves to what `ask` gave once it gave something. @throws Error after `limitMs` */
export async function eventually<T>(
  what: string,
  limitMs: number,
  ask: () => Promise<T | undefined | false>,
): Promise<T> {
  const end = performance.now() + limitMs
  let last = ''
  while (performance.now() < end) {
    const value = await ask().catch(
      (error: unknown) => void (last = `: ${error instanceof Error ? error.message : String(error)}`),
    )
    if (value !== undefined && value !== false) return value
    await pause(100)
  }
  throw new Error(`waited ${limitMs / 1000} s in vain for ${what}${last}`)
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

export class Visitor {
  readonly client: CookieClient

  constructor(origin: string) {
    this.client = new CookieClient(origin)
  }

  get(path: string): Promise<ClientAnswer> {
    return this.client.get(path)
  }

  signUp(username: string): Promise<void> {
    return this.#send('/sign-up/', { username, password1: password, password2: password })
  }

  signIn(username: string): Promise<void> {
    return this.#send('/sign-in/', { username, password })
  }

  write(text: string): Promise<void> {
    return this.#send('/write/', { text })
  }

  /** A new visitor in effect. */
  forget(): void {
    this.client.cookies.clear()
  }

  /** @throws Error unless it was taken */
  async #send(path: string, fields: Readonly<Record<string, string>>): Promise<void> {
    const form = await this.get(path)
    const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(form.text)?.[1]
    if (token === undefined) throw new Error(`GET ${path}: ${form.status}, and no form in it`)
    const { status } = await this.client.post(path, { csrfmiddlewaretoken: token, ...fields })
    if (status !== 302) throw new Error(`POST ${path}: ${status}`)
  }
}

/** A few visitors who ask for pages one after the other, until they are told to stop. */
export class SteadyVisitors {
  answered = 0
  readonly failures: string[] = []
  slowestMs = 0
  #stopped = false
  readonly #running: Promise<void>[]

  constructor(visitors: readonly Visitor[], paths: readonly string[]) {
    this.#running = visitors.map((visitor) => this.#ask(visitor, paths))
  }

  async #ask(visitor: Visitor, paths: readonly string[]): Promise<void> {
    for (let index = 0; !this.#stopped; index++) {
      const path = paths[index % paths.length] ?? '/'
      const startMs = performance.now()
      try {
        const { status } = await visitor.get(path)
        if (status === 200) this.answered++
        else this.failures.push(`GET ${path}: ${status}`)
      } catch (error) {
        this.failures.push(`GET ${path}: ${String(error)}`)
      }
      this.slowestMs = Math.max(this.slowestMs, performance.now() - startMs)
      await pause(5)
    }
  }

  /** Not before `least` were answered, or it is too late for them. */
  async stop(least: number, limitMs: number): Promise<void> {
    const end = performance.now() + limitMs
    while (this.answered + this.failures.length < least && performance.now() < end) await pause(50)
    this.#stopped = true
    await Promise.all(this.#running)
  }

  /** @throws Error if any failed, or there were too few to say anything */
  check(least: number): string {
    if (this.failures.length > 0)
      throw new Error(
        `${this.failures.length} of ${this.answered + this.failures.length} GETs failed: ${this.failures.slice(0, 5).join('; ')}`,
      )
    if (this.answered < least) throw new Error(`only ${this.answered} GETs, ${least} were wanted`)
    return `0 of ${this.answered} GETs failed, the slowest took ${Math.round(this.slowestMs)} ms`
  }
}

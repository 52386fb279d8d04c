import type { HeaderPair } from '../../gateway/application.ts'

/** What came back, all of it. */
export class ClientResponse {
  readonly status: number
  readonly reason: string
  /** As they were sent, Set-Cookie among them. */
  readonly headerPairs: readonly HeaderPair[]
  readonly content: Buffer
  /** The redirects that led here, when they were followed: where to, and by which status. */
  readonly redirectChain: readonly (readonly [url: string, status: number])[]

  constructor(
    statusLine: string,
    headerPairs: readonly HeaderPair[],
    content: Buffer,
    redirectChain: readonly (readonly [url: string, status: number])[] = [],
  ) {
    this.status = Number.parseInt(statusLine, 10)
    this.reason = statusLine.slice(4)
    this.headerPairs = headerPairs
    this.content = content
    this.redirectChain = redirectChain
  }

  /** The first value of that name, whatever the case. */
  header(name: string): string | undefined {
    const lower = name.toLowerCase()
    return this.headerPairs.find(([candidate]) => candidate.toLowerCase() === lower)?.[1]
  }

  /** All values of that name. */
  headers(name: string): string[] {
    const lower = name.toLowerCase()
    return this.headerPairs
      .filter(([candidate]) => candidate.toLowerCase() === lower)
      .map(([, value]) => value)
  }

  get text(): string {
    return this.content.toString('utf8')
  }

  json(): unknown {
    return JSON.parse(this.text) as unknown
  }
}

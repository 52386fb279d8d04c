/** What `ssl_*` directives of a server come to. */
import type { ServerContext } from '../../io/tls/server-context.ts'
import type { Request } from '../request.ts'

export type VerifyClient = 'off' | 'on' | 'optional' | 'optional_no_ca'

export interface ServerTls {
  /** `ssl on`: every address of a default server like this speaks TLS. */
  readonly enabled: boolean
  readonly verify: VerifyClient
  readonly verifyDepth: number
  readonly rejectHandshake: boolean
  /**
   * Undefined for a server without certificates: that of the default server is shown for it. The request is one that
   * has no head yet, for variables in the names of files.
   *
   * @throws Error with nginx's line where such a file is none
   */
  readonly context: ((request: () => Request) => ServerContext) | undefined
}

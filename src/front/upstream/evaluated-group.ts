/** The group for an address that variables made. */
import type { Statement } from '../../config/ast.ts'
import type { Request } from '../request.ts'
import type { GroupSource } from './group-source.ts'
import type { ScopeResolver } from './resolver-directives.ts'
import type { PeerGroup } from './peer-group.ts'

/** Undefined, with a line in the error log, for what is no address. */
export function evaluatedGroup(
  request: Request,
  text: string,
  upstreams: GroupSource,
  at: Statement,
  resolver: ScopeResolver,
  defaultPort?: number,
): PeerGroup | undefined {
  try {
    return upstreams.named(text) ?? upstreams.evaluated(text, at, resolver, defaultPort)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    request.location.settings.errorLog.request('error', request, message)
    return undefined
  }
}

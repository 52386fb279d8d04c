/** The balancing method that an `upstream { }` asks for. */
import type { ComplexValue } from '../../../config/complex-value.ts'
import { ConfigError } from '../../../config/config-error.ts'
import type { BoundStatement, Scope } from '../../../config/scope.ts'
import type { Request } from '../../request.ts'
import { balancingRows, type Balancing, type PeerRow } from '../upstream-directives.ts'
import { leastConnections, roundRobin, type Balancer } from './balancer.ts'
import { ConsistentHashBalancer } from './consistent-hash.ts'
import { HashBalancer } from './hash.ts'
import { ipHash } from './ip-hash.ts'
import { expectedTime, LeastTimeBalancer } from './least-time.ts'
import { RandomBalancer } from './random.ts'

/** Methods that spread by something other than turns know no backups and no slow start (nginx). */
const WITHOUT_BACKUP = new Set<Balancing['kind']>(['ip_hash', 'hash', 'random'])

export type KeyOf = (value: ComplexValue, at: BoundStatement['statement']) => (request: Request) => string

export interface BalancingContext {
  readonly keyOf: KeyOf
  /** Compiles the key of a hash, when the conf's variables are all known. */
  readonly later: (() => void)[]
  readonly warn: (message: string, at: BoundStatement['statement']) => void
}

/** Of several methods the last one counts. */
export function compileBalancing(
  scope: Scope,
  servers: readonly BoundStatement[],
  { keyOf, later, warn }: BalancingContext,
): Balancer {
  const bounds = scope.bound.filter(({ directive }) => balancingRows.some((row) => row === directive))
  for (const { statement } of bounds.slice(1)) warn('load balancing method redefined', statement)
  const bound = bounds.at(-1)
  if (!bound) return roundRobin
  const balancing = bound.value as Balancing
  if (WITHOUT_BACKUP.has(balancing.kind)) refuseBackups(servers)
  switch (balancing.kind) {
    case 'least_conn':
      return leastConnections
    case 'ip_hash':
      return ipHash
    case 'least_time':
      return new LeastTimeBalancer(balancing.part)
    case 'random':
      return randomOf(balancing.two)
    case 'hash': {
      let made: ((request: Request) => string) | undefined
      later.push(() => (made = keyOf(balancing.key, bound.statement)))
      const key = (request: Request): string => made?.(request) ?? ''
      return balancing.consistent ? new ConsistentHashBalancer(key) : new HashBalancer(key)
    }
  }
}

function randomOf(two: (Balancing & { kind: 'random' })['two']): RandomBalancer {
  if (two === undefined) return new RandomBalancer()
  if (two === 'least_conn') return new RandomBalancer((peer) => peer.load / peer.options.weight)
  return new RandomBalancer((peer) => expectedTime(peer, two))
}

function refuseBackups(servers: readonly BoundStatement[]): void {
  for (const { value, statement } of servers) {
    const { backup, slowStartMs } = value as PeerRow
    if (backup) throw new ConfigError('balancing method does not support parameter "backup"', statement)
    if (slowStartMs > 0)
      throw new ConfigError('balancing method does not support parameter "slow_start"', statement)
  }
}

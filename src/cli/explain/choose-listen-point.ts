/** Which listening address a URL's connection would come in at. */
import type { ListenPoint } from '../../front/server-config.ts'
import type { ExplainTarget } from './explain-arguments.ts'

export class ExplainError extends Error {
  override readonly name = 'ExplainError'
}

export interface ChosenListenPoint {
  readonly point: ListenPoint
  readonly why: string
}

/** @throws ExplainError */
export function chooseListenPoint(
  points: readonly ListenPoint[],
  { url, listen }: Pick<ExplainTarget, 'url' | 'listen'>,
): ChosenListenPoint {
  const known = points.map(({ key }) => key).join(', ')
  if (listen !== undefined) {
    const point = points.find(({ key }) => key === listen || key === `0.0.0.0:${listen}`)
    if (!point)
      throw new ExplainError(`nothing listens on "${listen}"; there is ${known || 'no listen at all'}`)
    return { point, why: 'asked for with --listen' }
  }
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  const there = points.filter(({ address }) => address.kind === 'tcp' && address.port === port)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const own = there.find(({ address }) => address.kind === 'tcp' && address.host === host)
  if (own) return { point: own, why: 'the address of the URL' }
  const [any] = there.filter(
    ({ address }) => address.kind === 'tcp' && /^(0\.0\.0\.0|::)$/.test(address.host),
  )
  if (any) return { point: any, why: `port ${port} of any address` }
  const [first] = there
  if (!first)
    throw new ExplainError(
      `nothing listens on port ${port}; there is ${known || 'no listen at all'} (--listen chooses one)`,
    )
  return { point: first, why: `the first that listens on port ${port}` }
}

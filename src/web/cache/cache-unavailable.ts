/**
 * The cache's server cannot be reached, or does not answer in time. As with a lost database the page becomes a 503:
 * a session that is read as empty because its cache is away would sign everybody out.
 */
export class CacheUnavailable extends Error {
  readonly code = 'CACHE_UNAVAILABLE'
  readonly side = 'internal'
  readonly status = 503
  readonly retry = true
  override name = 'CacheUnavailable'
}

/**
 * Fields that may not come behind the body (RFC 9110 section 6.5.1): those for framing, routing, request
 * modification, authentication and the format of the content have been acted on when a trailer arrives.
 */
export const FORBIDDEN_TRAILERS: ReadonlySet<string> = new Set(
  `content-length transfer-encoding trailer te host connection keep-alive upgrade expect max-forwards
  authorization proxy-authorization www-authenticate proxy-authenticate cookie set-cookie cache-control pragma range
  if-match if-none-match if-modified-since if-unmodified-since if-range age date expires location retry-after vary
  warning content-encoding content-type content-range`.split(/\s+/),
)

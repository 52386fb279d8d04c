/** Where a made conf is judged otherwise than by nginx 1.22, and why. */

interface KnownDifference {
  readonly reason: string
  readonly ours: RegExp
  readonly theirs: RegExp
  /** What the conf has in it, where what was said does not tell. */
  readonly text?: RegExp
}

const ACCEPTED = /^accepted$/

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  { reason: 'the buffers of one gateway bound each their own: they need not fit together', ours: ACCEPTED, theirs: /_(?:busy_buffers_size|temp_file_write_size|max_temp_file_size)" must be |there must be at least 2 "\w+_buffers"/ },
  { reason: 'a name that does not resolve is asked for again later, and keeps nobody else from being served', ours: ACCEPTED, theirs: /host not found in (?:upstream|resolver)/ },
  { reason: 'folders of temporary files are one flat folder here', ours: ACCEPTED, theirs: /has the different levels than/ },
  { reason: 'hash tables grow by themselves', ours: ACCEPTED, theirs: /could not build (?:the )?\w+|you should increase/ },
  { reason: 'a group of the pattern that matched last is a value everywhere', ours: ACCEPTED, theirs: /unknown "[0-9]" variable/ },
  { reason: 'charset takes a value where nginx takes the name of a variable', ours: ACCEPTED, theirs: /unknown ".*" variable/, text: /\bcharset .*\$/ },
  { reason: 'a value that nothing uses is compiled by nobody', ours: ACCEPTED, theirs: /unknown ".*" variable/ },
  { reason: 'variables of modules that stand behind it are not known yet to what defines one', ours: ACCEPTED, theirs: /the duplicate "\w+" variable/ },
  { reason: 'aio on is of another platform there, and has no effect here', ours: ACCEPTED, theirs: /"aio on" is unsupported/ },
  { reason: 'a value is read where it stands, not when the block that it is merged into ends', ours: /invalid variable name|closing bracket/, theirs: /invalid variable name|closing bracket/ },
  { reason: 'the second of two named locations could never be reached', ours: /duplicate location "@/, theirs: ACCEPTED },
  { reason: 'a conf without events has the usual ones', ours: ACCEPTED, theirs: /no "events" section/ },
  { reason: 'a log that is written at once is not buffered by another that names it', ours: /already defined with conflicting parameters/, theirs: ACCEPTED },
  { reason: 'an entry of three words is a missing semicolon', ours: /invalid number of the split_clients parameters/, theirs: /./ },
  { reason: 'what is off is off, however often that is said', ours: ACCEPTED, theirs: /directive is duplicate/, text: /\boff;[^]*\boff;/ },
  { reason: 'a NUL in a conf is damage', ours: /unexpected NUL byte/, theirs: /./ },
  { reason: 'a byte order mark cannot be seen in what nginx says', ours: /unexpected byte order mark/, theirs: /./ },
  { reason: 'what a pattern would need that is not translated here', ours: /is not supported by this server/, theirs: /./ },
  { reason: 'a flag that is none could do nothing', ours: /invalid parameter/, theirs: ACCEPTED, text: /proxy_cookie_flags/ },
  { reason: 'the same method twice in one upstream is a slip, as any directive that is', ours: /directive is duplicate/, theirs: ACCEPTED, text: /least_conn|ip_hash|hash|random/ },
  { reason: 'numbers are exact up to 2^53', ours: /invalid (?:value|number)|value must be/, theirs: ACCEPTED, text: /\d{14}|\d+[kKmMgGyY]/ },
  { reason: 'an address of fewer than four numbers, as inet_aton reads it, is a slip', ours: /host not found in/, theirs: ACCEPTED, text: /(?:^|\s)\d+(?:\.\d+){0,2}(?:\/\d+)?;/m },
  { reason: 'the resolver of an upstream came with nginx 1.27.3', ours: /./, theirs: /"resolver(?:_timeout)?" directive is not allowed here/, text: /upstream/ },
  { reason: 'there is no pool of a connection that a line of a head has to fill', ours: ACCEPTED, theirs: /"large_client_header_buffers" size must be/ },
  { reason: 'what a block says is read before the variable that it makes', ours: /percent total is greater/, theirs: /the duplicate "\w+" variable/ },
] // prettier-ignore

export function isKnown(ours: string, theirs: string, text: string): boolean {
  return KNOWN_DIFFERENCES.some(
    (row) => row.ours.test(ours) && row.theirs.test(theirs) && (row.text?.test(text) ?? true),
  )
}

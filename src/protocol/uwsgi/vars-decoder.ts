/**
 * Reads the vars block. Each size is checked against the octets that are really there before anything is cut out;
 * the block is read whole or not at all, so there is no partial environ (CVE-2020-11984, CVE-2021-36160).
 */
import { NameMemory } from '../../util/name-memory.ts'

/** Chooses an application or changes the process in uWSGI: from a front that is not ours to trust with that. */
const DYNAMIC_PREFIX = 'UWSGI_'
/** The one var of that family that only describes the request. */
const SCHEME = 'UWSGI_SCHEME'

/** Shared by all connections, since each one carries one request. */
const NAMES = new NameMemory()

/**
 * Flat list of names and values, or undefined when a size passes the end or a name is empty. Vars of the UWSGI_
 * family are left out (UWSGI_FILE, UWSGI_MODULE and so on), UWSGI_SCHEME excepted. Values are parts of one string:
 * whoever keeps one keeps the block.
 */
export function decodeVars(bytes: Buffer, start: number, end: number): string[] | undefined {
  const text = bytes.toString('latin1', start, end)
  const vars: string[] = []
  let at = start
  while (at < end) {
    const nameSize = sizeAt(bytes, at)
    const valueAt = at + 2 + nameSize + 2
    if (nameSize === 0 || valueAt > end) return undefined
    const valueEnd = valueAt + sizeAt(bytes, valueAt - 2)
    if (valueEnd > end) return undefined
    const name = nameAt(bytes, text, at + 2, start, nameSize)
    if (isHonoured(name)) vars.push(name, text.substring(valueAt - start, valueEnd - start))
    at = valueEnd
  }
  return vars
}

function nameAt(bytes: Buffer, text: string, at: number, start: number, size: number): string {
  const known = NAMES.find(bytes, at, size)
  if (known !== undefined) return known
  NAMES.add(bytes, at, size)
  return text.substring(at - start, at - start + size)
}

function isHonoured(name: string): boolean {
  return !name.startsWith(DYNAMIC_PREFIX) || name === SCHEME
}

function sizeAt(bytes: Buffer, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
}

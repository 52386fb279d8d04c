/** From the front's byte strings (Latin-1 code points) to the UTF-8 that the file system calls take. */
import { decodeOctets } from './decode-octets.ts'

export function filePath(bytes: string): string {
  return decodeOctets(bytes)
}

/**
 * From the front's byte strings (Latin-1 code points) to the UTF-8 that the file system calls take. Only text with
 * bytes above ASCII has to be converted.
 */
export function filePath(bytes: string): string {
  for (let index = 0; index < bytes.length; index += 1) {
    if (bytes.charCodeAt(index) > 0x7f) return Buffer.from(bytes, 'latin1').toString('utf8')
  }
  return bytes
}

/** bcrypt, `$2y$cost$salt+hash`, as `htpasswd -B` writes it. */
import { Blowfish } from './blowfish.ts'

const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const TO_STANDARD = new Map(Array.from(ALPHABET, (char, index) => [char, STANDARD.charAt(index)]))
const FROM_STANDARD = new Map(Array.from(STANDARD, (char, index) => [char, ALPHABET.charAt(index)]))

const MAGIC = 'OrpheanBeholderScryDoubt'
/** The highest that htpasswd takes: half a minute of the thread. */
const MAX_COST = 17

function translate(text: string, table: ReadonlyMap<string, string>): string {
  let out = ''
  for (const char of text) out += table.get(char) ?? ''
  return out
}

/** The whole text for a password, with prefix, cost and salt of `stored`; undefined when those are none. */
export function bcrypt(password: Buffer, stored: string): string | undefined {
  const match = /^(\$2[aby]\$)([0-9]{2})\$([./A-Za-z0-9]{22})/.exec(stored)
  if (!match) return undefined
  const [, prefix = '', digits = '', saltText = ''] = match
  const cost = Number(digits)
  if (cost < 4 || cost > MAX_COST) return undefined
  const salt = Buffer.from(`${translate(saltText, TO_STANDARD)}==`, 'base64').subarray(0, 16)
  const hash = Buffer.from(digest(password, salt, cost).subarray(0, 23))
    .toString('base64')
    .replace(/=+$/, '')
  return `${prefix}${digits}$${saltText}${translate(hash, FROM_STANDARD)}`
}

function digest(password: Buffer, salt: Buffer, cost: number): Uint8Array {
  const key = Buffer.concat([password.subarray(0, 72), Buffer.alloc(1)]).subarray(0, 72)
  const cipher = new Blowfish()
  cipher.expand(key, salt)
  for (let round = 2 ** cost; round > 0; round -= 1) {
    cipher.expand(key)
    cipher.expand(salt)
  }
  const magic = Buffer.from(MAGIC, 'latin1')
  const words = new Uint32Array(6)
  for (let index = 0; index < 6; index += 1) words[index] = magic.readUInt32BE(index * 4)
  for (let round = 0; round < 64; round += 1) {
    for (let index = 0; index < 6; index += 2) cipher.encipher(words, index)
  }
  const bytes = Buffer.alloc(24)
  for (const [index, word] of words.entries()) bytes.writeUInt32BE(word, index * 4)
  return bytes
}

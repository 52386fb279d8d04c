/**
 * Keys of session tickets as files of nginx hold them: 48 bytes (name, HMAC, AES-128) or 80 (name, HMAC, AES-256). The
 * first seals, all open; a ticket of an older key is renewed.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { SecureContext } from 'node:tls'
import { contextHandle, type TicketKeyCallback } from './native-handles.ts'

const TICKET_KEY_BYTES = 48

export function newTicketKey(): Buffer {
  return randomBytes(TICKET_KEY_BYTES)
}

interface TicketKey {
  readonly name: Buffer
  readonly hmac: Buffer
  readonly aes: Buffer
}

/** The runtime seals with 128 bits: the longer keys of an 80-byte file are hashed down to them. */
function readKey(bytes: Buffer): TicketKey {
  const name = bytes.subarray(0, 16)
  if (bytes.length === TICKET_KEY_BYTES)
    return { name, hmac: bytes.subarray(16, 32), aes: bytes.subarray(32, 48) }
  const digest = createHash('sha256').update(bytes.subarray(16)).digest()
  return { name, hmac: digest.subarray(0, 16), aes: digest.subarray(16) }
}

const UNKNOWN = [0] as const
const KNOWN = 1
const RENEW = 2

export function useTicketKeys(context: SecureContext, files: readonly Buffer[]): void {
  const keys = files.map(readKey)
  const [first] = keys
  if (!first) return
  const handle = contextHandle(context)
  const answer: TicketKeyCallback = (name, iv, sealing) => {
    if (sealing) return [KNOWN, first.hmac, first.aes, first.name, randomBytes(iv.length)]
    const key = keys.find((candidate) => candidate.name.equals(name))
    return key ? [key === first ? KNOWN : RENEW, key.hmac, key.aes] : UNKNOWN
  }
  handle.onticketkeycallback = answer
  handle.enableTicketKeyCallback?.()
}

/** The form in which the runtime takes a single key by its documented option. */
export function packedKey(bytes: Buffer): Buffer {
  const { name, hmac, aes } = readKey(bytes)
  return Buffer.concat([name, hmac, aes])
}

/**
 * The first message of a TLS client (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2), read before anything answers it:
 * the name that is asked for chooses certificate and settings. Nothing here refuses a client: what cannot be read is
 * handed to the TLS library, which knows the alert.
 */
import { ByteReader } from './byte-reader.ts'

export interface ClientHello {
  /** Name of the server_name extension as it was sent; undefined for none. Latin-1. */
  readonly serverName: string | undefined
  /** Code points, in the client's order. */
  readonly ciphers: readonly number[]
  readonly groups: readonly number[]
  readonly signatures: readonly number[]
  /** Identities of pre-shared keys (RFC 8446 section 4.2.11): tickets of sessions. */
  readonly identities: readonly Uint8Array[]
}

const RECORD_HANDSHAKE = 22
const MESSAGE_CLIENT_HELLO = 1
const RECORD_HEAD_BYTES = 5
const MESSAGE_HEAD_BYTES = 4
/** What a record may hold (RFC 8446 section 5.1). */
const MAX_RECORD_BYTES = 16_384

/** Most bytes that are gathered before the TLS library has to say what it thinks of them. */
export const MAX_HELLO_BYTES = 65_536

const EXT_SERVER_NAME = 0
const EXT_GROUPS = 10
const EXT_SIGNATURES = 13
const EXT_PRE_SHARED_KEY = 41

/** Whether a connection begins with a TLS record, or with the hello of SSL 2 (nginx's test), and not with text. */
export function looksLikeTls(first: number): boolean {
  return first === RECORD_HANDSHAKE || (first & 0x80) !== 0
}

/** `more` while the message is not whole, `unreadable` for anything that is no ClientHello. */
export function readClientHello(bytes: Uint8Array): ClientHello | 'more' | 'unreadable' {
  const message = gatherMessage(bytes)
  return typeof message === 'string' ? message : parseHello(message)
}

/** The message may be cut into any number of records. */
function gatherMessage(bytes: Uint8Array): Uint8Array | 'more' | 'unreadable' {
  const pieces: Uint8Array[] = []
  let gathered = 0
  for (let at = 0; ;) {
    const length = messageLength(pieces)
    if (isHopeless(length)) return 'unreadable'
    if (length !== undefined && gathered >= length)
      return joined(pieces, gathered).subarray(MESSAGE_HEAD_BYTES, length)
    if (bytes.length >= at + 1 && bytes[at] !== RECORD_HANDSHAKE) return 'unreadable'
    if (bytes.length < at + RECORD_HEAD_BYTES) return 'more'
    const size = ((bytes[at + 3] ?? 0) << 8) | (bytes[at + 4] ?? 0)
    if (size === 0 || size > MAX_RECORD_BYTES) return 'unreadable'
    const end = at + RECORD_HEAD_BYTES + size
    const piece = bytes.subarray(at + RECORD_HEAD_BYTES, end)
    pieces.push(piece)
    gathered += piece.length
    if (end > bytes.length) return isHopeless(messageLength(pieces)) ? 'unreadable' : 'more'
    at = end
  }
}

/** Another message, or one that is not waited for, wherever its records are cut. */
function isHopeless(length: number | undefined): boolean {
  return length !== undefined && (length === -1 || length + MESSAGE_HEAD_BYTES > MAX_HELLO_BYTES)
}

/** Bytes of the message with its head, undefined before that is there, -1 for another message. */
function messageLength(pieces: readonly Uint8Array[]): number | undefined {
  const head = joined(pieces.slice(0, MESSAGE_HEAD_BYTES), 0)
  if (head.length > 0 && head[0] !== MESSAGE_CLIENT_HELLO) return -1
  if (head.length < MESSAGE_HEAD_BYTES) return undefined
  return MESSAGE_HEAD_BYTES + (((head[1] ?? 0) << 16) | ((head[2] ?? 0) << 8) | (head[3] ?? 0))
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [first, second] = pieces
  if (first && !second) return first
  return length > 0 ? Buffer.concat(pieces, length) : Buffer.concat(pieces)
}

function parseHello(message: Uint8Array): ClientHello | 'unreadable' {
  const hello = new ByteReader(message)
  hello.take(2 + 32) // legacy_version, random
  hello.vector(1) // legacy_session_id
  const ciphers = codes(hello.vector(2))
  hello.vector(1) // legacy_compression_methods
  if (hello.overrun) return 'unreadable'
  const found = {
    serverName: undefined as string | undefined,
    groups: NONE,
    signatures: NONE,
    identities: NO_KEYS,
  }
  const extensions = hello.left > 0 ? hello.vector(2) : new ByteReader(new Uint8Array(0))
  while (extensions.left > 0 && !extensions.overrun) {
    const type = extensions.uint(2)
    const body = extensions.vector(2)
    if (type === EXT_SERVER_NAME) found.serverName ??= hostName(body)
    else if (type === EXT_GROUPS) found.groups = codes(body.vector(2))
    else if (type === EXT_SIGNATURES) found.signatures = codes(body.vector(2))
    else if (type === EXT_PRE_SHARED_KEY) found.identities = identities(body.vector(2))
  }
  return hello.overrun || extensions.overrun ? 'unreadable' : { ciphers, ...found }
}

const NONE: readonly number[] = []
const NO_KEYS: readonly Uint8Array[] = []

function codes(list: ByteReader): number[] {
  const found: number[] = []
  while (list.left >= 2) found.push(list.uint(2))
  return found
}

/** The first host_name of a ServerNameList (RFC 6066 section 3). */
function hostName(body: ByteReader): string | undefined {
  const names = body.vector(2)
  while (names.left > 0 && !names.overrun) {
    const type = names.uint(1)
    const name = names.vector(2)
    if (type === 0 && !names.overrun) return Buffer.from(name.take(name.left)).toString('latin1')
  }
  return undefined
}

function identities(list: ByteReader): Uint8Array[] {
  const found: Uint8Array[] = []
  while (list.left > 0 && !list.overrun) {
    const identity = list.vector(2)
    found.push(identity.take(identity.left))
    list.uint(4) // obfuscated_ticket_age
  }
  return found
}

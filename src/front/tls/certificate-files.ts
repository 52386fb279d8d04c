/** Certificates, keys and what else of TLS is in files, checked as nginx checks it and refused in its words. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import type { CertificatePair } from '../../io/tls/server-context.ts'
import { derItems } from '../../util/der.ts'
import { strerror } from '../../util/strerror.ts'

/** Reads a file whole. @throws the system's error */
export type ReadFile = (path: string) => Buffer

/** The message is a line of nginx's. */
export class CertificateError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'CertificateError'
  }
}

const CERTIFICATE =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^]*?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g
const CRL = /-----BEGIN X509 CRL-----[^]*?-----END X509 CRL-----/g
const KEY = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----[^]*?-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----/

const NO_START = 'SSL: error:0480006C:PEM routines::no start line'

/** Text of `data:` or of the file; `what` begins nginx's message, `path` is absolute. */
function pemText(source: string, what: string, read: ReadFile): string {
  if (source.startsWith('data:')) return source.slice('data:'.length)
  if (source.startsWith('engine:') || source.startsWith('store:'))
    throw new CertificateError(
      `cannot load ${what} "${source}": keys outside of files are not implemented by this server`,
    )
  return readOrFail(source, what, read).toString('latin1')
}

function readOrFail(path: string, what: string, read: ReadFile): Buffer {
  try {
    return read(path)
  } catch (error) {
    const [number = '', reason = ''] = strerror(error).split(': ')
    const code = Number(number).toString(16).toUpperCase().padStart(6, '0')
    const found = `SSL: error:80${code}:system library::${reason}:calling fopen(${path}, r)`
    throw new CertificateError(`cannot load ${what} "${path}": BIO_new_file() failed (${found})`)
  }
}

function certificatesOf(text: string, source: string, what: string): string[] {
  const found = text.match(CERTIFICATE) ?? []
  const fail = (reason: string): never => {
    throw new CertificateError(`cannot load ${what} "${source}": PEM_read_bio_X509_AUX() failed (${reason})`)
  }
  if (found.length === 0) return fail(`${NO_START}:Expecting: TRUSTED CERTIFICATE`)
  for (const pem of found) {
    try {
      new X509Certificate(pem)
    } catch (error) {
      fail(`SSL: ${messageOf(error)}`)
    }
  }
  return found.map((pem) => pem.replaceAll(/(BEGIN|END) (?:TRUSTED|X509) CERT/g, '$1 CERT'))
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/**
 * A certificate with its key. `certificate` and `key` are absolute paths or `data:` texts; each password is tried.
 *
 * @throws CertificateError
 */
export function loadPair(
  certificate: string,
  key: string,
  passwords: readonly string[],
  read: ReadFile,
): CertificatePair {
  const chain = certificatesOf(pemText(certificate, 'certificate', read), certificate, 'certificate')
  const keyObject = loadKey(key, passwords, read)
  const [own = ''] = chain
  if (!new X509Certificate(own).checkPrivateKey(keyObject)) {
    const reason = 'SSL: error:05800074:x509 certificate routines::key values mismatch'
    throw new CertificateError(`SSL_CTX_use_PrivateKey("${key}") failed (${reason})`)
  }
  const pem = keyObject.export({ type: 'pkcs8', format: 'pem' })
  return { certificate: `${chain.join('\n')}\n`, key: pem.toString() }
}

function loadKey(source: string, passwords: readonly string[], read: ReadFile): KeyObject {
  const text = pemText(source, 'certificate key', read)
  const fail = (reason: string): never => {
    throw new CertificateError(
      `cannot load certificate key "${source}": PEM_read_bio_PrivateKey() failed (SSL: ${reason})`,
    )
  }
  const [pem] = KEY.exec(text) ?? []
  if (pem === undefined)
    return fail('error:1E08010C:DECODER routines::unsupported:No supported data to decode. Input type: PEM')
  let reason = ''
  for (const passphrase of passwords.length > 0 ? passwords : [undefined]) {
    try {
      return createPrivateKey({ key: pem, format: 'pem', ...(passphrase !== undefined && { passphrase }) })
    } catch (error) {
      reason = messageOf(error)
    }
  }
  return fail(reason)
}

/** Lines of a file of passwords. @throws CertificateError */
export function loadPasswords(path: string, read: ReadFile): string[] {
  let text: string
  try {
    text = read(path).toString('latin1')
  } catch (error) {
    throw new CertificateError(`open() "${path}" failed (${strerror(error)})`)
  }
  return text
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line !== '')
}

/** Authorities, each subject once. @throws CertificateError */
export function loadAuthorities(path: string, call: string, read: ReadFile): string[] {
  const text = locations(path, call, read)
  const found = text.match(CERTIFICATE) ?? []
  if (found.length === 0)
    throw new CertificateError(
      `${call}("${path}") failed (SSL: error:05880020:x509 certificate routines::no certificate or crl found)`,
    )
  return uniqueCertificates(certificatesOf(text, path, 'certificate'))
}

/** Lists of revoked certificates. @throws CertificateError */
export function loadRevocations(path: string, read: ReadFile): string[] {
  const found = locations(path, 'X509_LOOKUP_load_file', read).match(CRL) ?? []
  if (found.length === 0)
    throw new CertificateError(`X509_LOOKUP_load_file("${path}") failed (SSL: ${NO_START})`)
  return found
}

function locations(path: string, call: string, read: ReadFile): string {
  try {
    return read(path).toString('latin1')
  } catch (error) {
    throw new CertificateError(
      `${call}("${path}") failed (SSL: error:80000002:system library::${strerror(error)})`,
    )
  }
}

function uniqueCertificates(pems: readonly string[]): string[] {
  const seen = new Set<string>()
  return pems.filter((pem) => {
    const { fingerprint256 } = new X509Certificate(pem)
    return !seen.has(fingerprint256) && seen.add(fingerprint256)
  })
}

/** A key of tickets. @throws CertificateError */
export function loadTicketKey(path: string, read: ReadFile): Buffer {
  let bytes: Buffer
  try {
    bytes = read(path)
  } catch (error) {
    throw new CertificateError(`open() "${path}" failed (${strerror(error)})`)
  }
  if (bytes.length !== 48 && bytes.length !== 80)
    throw new CertificateError(`"${path}" must be 48 or 80 bytes`)
  return bytes
}

/** A file that is handed on as it is (`ssl_dhparam`). @throws CertificateError */
export function loadWhole(path: string, read: ReadFile): Buffer {
  try {
    return read(path)
  } catch (error) {
    throw new CertificateError(
      `BIO_new_file("${path}") failed (SSL: error:80000002:system library::${strerror(error)})`,
    )
  }
}

const TAG_ENUMERATED = 0x0a
const TAG_SEQUENCE = 0x30

/**
 * What `ssl_stapling_file` has: an OCSPResponse (RFC 6960, section 4.2.1), a status and what it is about. Whether it is
 * good and of this certificate is for clients to judge; what is none would end each of their handshakes.
 * @throws CertificateError
 */
export function loadStaple(path: string, read: ReadFile): Buffer {
  const bytes = loadWhole(path, read)
  const [response] = derItems(bytes)
  const [status] = derItems(response?.tag === TAG_SEQUENCE ? response.content : bytes.subarray(0, 0))
  if (response?.whole.length !== bytes.length || status?.tag !== TAG_ENUMERATED)
    throw new CertificateError(`d2i_OCSP_RESPONSE_bio("${path}") failed`)
  return bytes
}

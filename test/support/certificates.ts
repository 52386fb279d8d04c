/** Certificates for tests, made by openssl when they are needed. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const CONF = `
[ req ]
distinguished_name = name
[ name ]
[ authority ]
basicConstraints = critical,CA:TRUE
[ end ]
basicConstraints = CA:FALSE
[ ca ]
default_ca = own
[ own ]
database = index
default_md = sha256
default_crl_days = 3
`

export interface CertificateSpec {
  /** Name in the folder: `x` for x.crt and x.key. */
  readonly name: string
  /** `/CN=x` of the name by default. */
  readonly subject?: string
  /** Name of the issuer; itself by default. */
  readonly issuer?: string
  readonly authority?: boolean
  /** `DNS:a.test,IP:127.0.0.1` */
  readonly names?: string
  /** RSA instead of an elliptic curve. */
  readonly rsa?: boolean
}

export class Certificates {
  readonly folder = mkdtempSync(join(tmpdir(), 'portico-certificates-'))

  constructor() {
    writeFileSync(join(this.folder, 'openssl.conf'), CONF)
    writeFileSync(join(this.folder, 'index'), '')
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'latin1')
  }

  make({
    name,
    subject = `/CN=${name}`,
    issuer,
    authority = false,
    names,
    rsa = false,
  }: CertificateSpec): void {
    const key = rsa ? ['rsa:2048'] : ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
    this.openssl(
      'req',
      '-new',
      '-newkey',
      ...key,
      '-nodes',
      '-config',
      'openssl.conf',
      '-utf8',
      '-multivalue-rdn',
      '-subj',
      subject,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    )
    writeFileSync(
      this.path('extensions'),
      `[ x ]\n${authority ? 'basicConstraints = critical,CA:TRUE\n' : ''}${names === undefined ? '' : `subjectAltName = ${names}\n`}`,
    )
    const signer =
      issuer === undefined
        ? ['-signkey', `${name}.key`]
        : ['-CA', `${issuer}.crt`, '-CAkey', `${issuer}.key`, '-CAcreateserial']
    this.openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...signer,
      '-days',
      '3',
      '-extfile',
      'extensions',
      '-extensions',
      'x',
      '-out',
      `${name}.crt`,
    )
  }

  write(name: string, content: Buffer): void {
    writeFileSync(this.path(name), content)
  }

  /** The CRL of an authority that has revoked `revoked`. */
  revoke(authority: string, revoked: string): void {
    this.openssl(
      'ca',
      '-config',
      'openssl.conf',
      '-keyfile',
      `${authority}.key`,
      '-cert',
      `${authority}.crt`,
      '-revoke',
      `${revoked}.crt`,
    )
    this.openssl(
      'ca',
      '-config',
      'openssl.conf',
      '-keyfile',
      `${authority}.key`,
      '-cert',
      `${authority}.crt`,
      '-gencrl',
      '-out',
      `${authority}.crl`,
    )
  }

  /** A file of several. */
  bundle(name: string, ...parts: readonly string[]): void {
    for (const part of parts) appendFileSync(this.path(name), this.read(part))
  }

  openssl(...args: readonly string[]): string {
    return execFileSync('openssl', args, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] }).toString(
      'latin1',
    )
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

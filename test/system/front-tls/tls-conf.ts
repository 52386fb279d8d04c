/** A conf that real nginx and ours are given alike, and the certificates that it names. */
import type { Certificates } from '../../support/certificates.ts'

export function makeCertificates(certificates: Certificates): void {
  certificates.make({ name: 'localhost', rsa: true })
  certificates.make({ name: 'other' })
  certificates.make({ name: 'wild', names: 'DNS:*.wild.test' })
  certificates.make({ name: 'root', authority: true })
  certificates.make({ name: 'int', issuer: 'root', authority: true })
  certificates.make({
    name: 'client',
    issuer: 'root',
    subject: '/C=XX/O=A, B "C"/CN= ü+UID=u1/emailAddress=a@b',
  })
  certificates.make({ name: 'deep', issuer: 'int' })
  certificates.make({ name: 'revoked', issuer: 'root' })
  certificates.make({ name: 'stranger' })
  certificates.revoke('root', 'revoked')
  certificates.bundle('deep-chain.crt', 'deep.crt', 'int.crt')
  certificates.bundle('root-twice.crt', 'root.crt', 'root.crt')
}

const VARIABLES = [
  'scheme',
  'https',
  'server_name',
  'ssl_protocol',
  'ssl_cipher',
  'ssl_ciphers',
  'ssl_curves',
  'ssl_server_name',
  'ssl_session_reused',
  'ssl_early_data',
  'ssl_alpn_protocol',
]
const CLIENT_VARIABLES = [
  'ssl_client_verify',
  'ssl_client_cert',
  'ssl_client_raw_cert',
  'ssl_client_escaped_cert',
  'ssl_client_s_dn',
  'ssl_client_i_dn',
  'ssl_client_s_dn_legacy',
  'ssl_client_i_dn_legacy',
  'ssl_client_serial',
  'ssl_client_fingerprint',
  'ssl_client_v_start',
  'ssl_client_v_end',
  'ssl_client_v_remain',
]
const shown = (names: readonly string[]): string => names.map((name) => `${name}=$${name}`).join(';')

const LISTEN = 'listen 127.0.0.1:%PORT% ssl;'
const PLACES = `
  location /vars { return 200 "${shown(VARIABLES)}"; }
  location /client { return 200 "${shown(CLIENT_VARIABLES)}"; }
  location /moved { return 301 /there; }
`

export const TLS_CONF = `
  access_log off;
  ssl_certificate %DIR%/localhost.crt;
  ssl_certificate_key %DIR%/localhost.key;
  ssl_client_certificate %DIR%/root.crt;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_prefer_server_ciphers on;
  keepalive_timeout 5s;
  client_header_timeout 1s;
  server { ${LISTEN} server_name localhost; ${PLACES}
    error_page 497 =200 /vars;
  }
  server { ${LISTEN} server_name other.test; ${PLACES}
    ssl_certificate %DIR%/other.crt; ssl_certificate_key %DIR%/other.key;
  }
  server { ${LISTEN} server_name .wild.test ~^re\\d\\.test$; ${PLACES}
    ssl_certificate %DIR%/wild.crt; ssl_certificate_key %DIR%/wild.key;
  }
  server { ${LISTEN} server_name bare.test; ${PLACES} ssl_session_timeout 1h; }
  server { ${LISTEN} server_name reject.test; ssl_reject_handshake on; }
  server { ${LISTEN} server_name on.test; ${PLACES} ssl_verify_client on; }
  server { ${LISTEN} server_name optional.test; ${PLACES} ssl_verify_client optional; }
  server { ${LISTEN} server_name no-ca.test; ${PLACES} ssl_verify_client optional_no_ca; }
  server { ${LISTEN} server_name depth0.test; ${PLACES} ssl_verify_client optional; ssl_verify_depth 0; }
  server { ${LISTEN} server_name crl.test; ${PLACES} ssl_verify_client on; ssl_crl %DIR%/root.crl; }
  server { ${LISTEN} server_name trusted.test; ${PLACES} ssl_verify_client on;
    ssl_client_certificate %DIR%/root-twice.crt; ssl_trusted_certificate %DIR%/stranger.crt; }
  server { ${LISTEN} server_name page.test; ${PLACES} ssl_verify_client on; error_page 495 496 =403 /client; }
`

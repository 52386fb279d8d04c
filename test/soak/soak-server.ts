/** The server that mixed load is put on: static files, an upload that is proxied to this process. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../support/free-port.ts'
import { requirePeer } from '../support/peer.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { LARGE_BYTES, LARGE_PATH, SMALL_BYTES, SMALL_PATH, UPLOAD_PATH } from './mixed-load.ts'

export interface SoakServer {
  readonly server: PorticoServer
  readonly port: number
  /** Undefined where no certificate could be made: openssl is missing. */
  readonly tlsPort: number | undefined
  close(): Promise<void>
}

/** Answers with the number of bytes of the body. */
async function startCounter(): Promise<Server> {
  const counter = createServer((request, response) => {
    let bytes = 0
    request.on('data', (chunk: Buffer) => (bytes += chunk.length))
    request.on('end', () => {
      const text = String(bytes)
      response.writeHead(200, { 'Content-Length': text.length }).end(text)
    })
  })
  counter.listen(0, '127.0.0.1')
  await new Promise((resolve) => counter.once('listening', resolve))
  return counter
}

const TLS =
  'listen 127.0.0.1:PORT ssl; ssl_certificate %PREFIX%/cert.pem; ssl_certificate_key %PREFIX%/key.pem;'

/** A certificate and its key, signed by itself. */
function makeCertificate(openssl: string): { 'cert.pem': Buffer; 'key.pem': Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'soak-cert-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=a']
  execFileSync(openssl, ['req', '-x509', ...kind, '-days', '2', '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  })
  const made = { 'cert.pem': readFileSync(cert), 'key.pem': readFileSync(key) }
  rmSync(folder, { recursive: true })
  return made
}

/** `main`: further directives of the main context. */
export async function startSoakServer(main = 'worker_processes 2;'): Promise<SoakServer> {
  const [port, tlsPort, counter] = await Promise.all([freePort(), freePort(), startCounter()])
  const openssl = requirePeer('openssl')
  const tls = openssl === undefined ? '' : TLS.replace('PORT', String(tlsPort))
  const upstream = (counter.address() as AddressInfo).port
  const server = await PorticoServer.start({
    conf: `${main}
      error_log logs/error.log info;
      events { worker_connections 1024; }
      http {
        access_log logs/access.log;
        keepalive_requests 100000;
        upstream counter { server 127.0.0.1:${upstream}; keepalive 8; }
        server {
          listen 127.0.0.1:${port};
          ${tls}
          root www;
          location = ${UPLOAD_PATH} {
            proxy_pass http://counter;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
          }
        }
      }`,
    files: {
      ...(openssl !== undefined && makeCertificate(openssl)),
      [`www${SMALL_PATH}`]: Buffer.alloc(SMALL_BYTES, 's'),
      [`www${LARGE_PATH}`]: Buffer.alloc(LARGE_BYTES, 'l'),
      'logs/error.log': '',
    },
  })
  return {
    server,
    port,
    tlsPort: openssl === undefined ? undefined : tlsPort,
    async close() {
      await server.stop()
      counter.closeAllConnections()
      counter.close()
    },
  }
}

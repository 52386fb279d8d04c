/** TLS for clients as nginx has it: the same conf, the same handshakes, the same answers. */
import { connect } from 'node:net'
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Certificates } from '../support/certificates.ts'
import { freePort } from '../support/free-port.ts'
import { NginxServer } from '../support/nginx-server.ts'
import { describeWithPeer } from '../support/peer.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { askTls, get } from '../support/tls-client.ts'
import { TLS_CASES, type TlsCase } from './front-tls/tls-cases.ts'
import { makeCertificates, TLS_CONF } from './front-tls/tls-conf.ts'

const openssl = spawnSync('openssl', ['version']).status === 0

/** Without what is of the server's own: its name, the time, the port, the order of the fields. */
function normal(text: string, port: number): string {
  return text
    .replace(/^Server: .*\r\n/m, '')
    .replace(/^Date: .*\r\n/m, '')
    .replace(/<center>(nginx|portico)[^<]*<\/center>/, '<center>SERVER</center>')
    .replace(/^Content-Length: \d+\r\n(?=[^]*<center>SERVER)/m, '')
    .replaceAll(`:${port}`, ':PORT')
    .replace(/^(.*\r\n)((?:.+\r\n)*)/, (_, status: string, fields: string) => {
      return status + fields.split('\r\n').toSorted().join('\r\n')
    })
}

function plain(port: number, request: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let text = ''
  const socket = connect(port, '127.0.0.1', () => socket.write(request))
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  socket.on('error', () => undefined)
  socket.on('close', () => resolve(text))
  return promise
}

describe.skipIf(!openssl)(`TLS${openssl ? '' : ' (openssl is missing)'}`, () => {
  describeWithPeer('nginx', 'beside nginx', (path) => {
    const certificates = new Certificates()
    let portico: PorticoServer
    let nginx: NginxServer
    let ours = 0
    let theirs = 0

    beforeAll(async () => {
      makeCertificates(certificates)
      const conf = (port: number): string =>
        TLS_CONF.replaceAll('%PORT%', String(port)).replaceAll('%DIR%', certificates.folder)
      ours = await freePort()
      theirs = await freePort()
      nginx = await NginxServer.start(path, conf(theirs), theirs)
      portico = await PorticoServer.start({
        conf: `worker_processes 1; error_log logs/error.log info; http { ${conf(ours)} }`,
        files: { 'logs/.keep': '' },
      })
    }, 60_000)

    afterAll(async () => {
      await Promise.all([portico.stop(), nginx.stop()])
      certificates.remove()
    })

    const ask = async (port: number, item: TlsCase) => {
      const { servername, client, host = servername ?? 'localhost', path: target = '/vars' } = item
      const answer = await askTls(port, item.request ?? get(target, host), {
        // The newest groups have no name in the OpenSSL that nginx was built with.
        ecdhCurve: 'X25519:P-256',
        ...(servername !== undefined && { servername }),
        ...(client !== undefined && {
          cert: certificates.read(`${client}.crt`),
          key: certificates.read(`${client.replace('-chain', '')}.key`),
        }),
        ...item.options,
      })
      return { text: normal(answer.text, port), error: answer.error, shown: answer.shown }
    }

    it.each(TLS_CASES.map((item) => [item.name, item] as const))('%s', async (_name, item) => {
      const [answer, expected] = await Promise.all([ask(ours, item), ask(theirs, item)])
      expect(answer).toEqual(expected)
    })

    it.each([
      ['plain HTTP', 'GET /vars HTTP/1.0\r\nHost: localhost\r\n\r\n'],
      ['plain HTTP for another server', 'GET /vars?a=1 HTTP/1.0\r\nHost: other.test\r\n\r\n'],
      ['plain text that is no request', 'NONSENSE\r\n\r\n'],
    ])('%s on the port of TLS', async (_name, request) => {
      const [answer, expected] = await Promise.all([plain(ours, request), plain(theirs, request)])
      expect(normal(answer, ours)).toBe(normal(expected, theirs))
      expect(answer).toMatch(/^HTTP\/1\.1 [24]00 /)
    })

    it('names the same authorities to clients', () => {
      const authorities = (port: number): string | undefined => {
        const args = ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', 'trusted.test']
        const { stdout } = spawnSync('openssl', args, { input: '', encoding: 'latin1' })
        return /Acceptable client certificate CA names\n([^]*?)\nRequested/.exec(stdout)?.[1]
      }
      expect(authorities(ours)).toBe(authorities(theirs))
      expect(authorities(ours)).toContain('root')
    })
  })
})

/** TLS where one side does not keep to it: ends without a word, chains without end, staples that are none, early data. */
import { spawnSync } from 'node:child_process'
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Certificates } from '../support/certificates.ts'
import { freePort } from '../support/free-port.ts'
import { describeWithPeer } from '../support/peer.ts'
import { PorticoServer, runPortico } from '../support/portico-server.ts'
import { askTls, bodyOf, get } from '../support/tls-client.ts'
import { sendRaw } from '../support/raw-client.ts'

/** Long enough for a chain that no server should look through. */
const LINKS = 12

/** Passes bytes both ways and, once `to` has been quiet, ends the connection of `from` without a TLS alert. */
class CuttingRelay {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(target: () => number, cut: 'answers' | 'requests') {
    this.#server = createServer((client) => {
      const onward = connect(target(), '127.0.0.1')
      for (const socket of [client, onward]) {
        this.#sockets.add(socket)
        socket.on('error', () => undefined)
      }
      client.on('data', (bytes) => onward.write(bytes))
      onward.on('data', (bytes) => client.write(bytes))
      let quiet: NodeJS.Timeout | undefined
      const [watched, ended] = cut === 'answers' ? [onward, client] : [client, onward]
      watched.on('data', () => {
        clearTimeout(quiet)
        quiet = setTimeout(() => ended.end(), 400)
      })
    })
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}

const PARTS: Readonly<Record<string, string>> = {
  '/length': 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf',
  '/chunks': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
  '/head': 'HTTP/1.1 200 OK\r\nContent-Ty',
}

describeWithPeer('openssl', 'TLS', () => {
  const certificates = new Certificates()
  let portico: PorticoServer
  let port = 0
  let plain = 0
  /** Says a part of an answer and nothing more. */
  let upstream: TlsServer
  let silent: Server
  let received = ''
  const relays: CuttingRelay[] = []

  beforeAll(async () => {
    certificates.make({ name: 'root', authority: true })
    certificates.make({ name: 'site', issuer: 'root', names: 'DNS:localhost,DNS:verify.test' })
    certificates.make({ name: 'odd', issuer: 'root', names: 'URI:http://verify.test/%2C,RID:1.2.3.4,email:x@y.test,IP:::1,otherName:1.2.3;UTF8:DNS verify.test' }) // prettier-ignore
    let issuer = 'root'
    for (let link = 0; link < LINKS; link += 1) {
      certificates.make({ name: `link${link}`, issuer, authority: true })
      issuer = `link${link}`
    }
    certificates.make({ name: 'deep', issuer })
    for (let link = LINKS - 1; link >= 0; link -= 1) {
      appendFileSync(certificates.path('deep.crt'), `\n${certificates.read(`link${link}.crt`)}`)
    }
    const links = certificates.read('deep.crt').split('\n\n')
    writeFileSync(certificates.path('torn.crt'), links.filter((_, index) => index !== 5).join('\n\n'))
    writeFileSync(certificates.path('torn.key'), certificates.read('deep.key'))
    certificates.make({ name: 'minor', issuer: 'odd' })
    appendFileSync(certificates.path('minor.crt'), `\n${certificates.read('odd.crt')}`)
    port = await freePort()
    plain = await freePort()
    upstream = createTlsServer(
      { cert: readFileSync(certificates.path('site.crt')), key: readFileSync(certificates.path('site.key')) },
      (socket) => {
        socket.on('error', () => undefined)
        socket.on('data', (bytes: Buffer) =>
          socket.write(PARTS[bytes.toString('latin1').split(' ')[1] ?? ''] ?? ''),
        )
      },
    )
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
    silent = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.on('data', (bytes) => (received += bytes.toString('latin1')))
    })
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const cutting = new CuttingRelay(() => (upstream.address() as AddressInfo).port, 'answers')
    relays.push(cutting)
    portico = await PorticoServer.start({
      conf: `error_log logs/error.log info;
        http {
          log_format own '$uri $status'; access_log logs/access.log own;
          ssl_certificate ${certificates.path('site.crt')}; ssl_certificate_key ${certificates.path('site.key')};
          server { listen 127.0.0.1:${port} ssl; server_name localhost;
            location / { return 200 well; }
            location /upload { proxy_pass http://127.0.0.1:${(silent.address() as AddressInfo).port}; }
          }
          server { listen 127.0.0.1:${port} ssl; server_name verify.test;
            ssl_verify_client on; ssl_client_certificate ${certificates.path('root.crt')}; ssl_verify_depth 3;
            location / { return 200 "$ssl_client_verify $ssl_client_s_dn"; }
          }
          server { listen 127.0.0.1:${plain};
            location / { proxy_pass https://127.0.0.1:${await cutting.listen()}; proxy_http_version 1.1; }
          }
        }`,
      files: { 'logs/.keep': '' },
    })
  })
  afterAll(async () => {
    expect((await askTls(port, get('/'), { servername: 'localhost' })).text).toContain('well')
    expect(portico.read('logs/error.log')).not.toMatch(/\[(alert|emerg|crit)\]/)
    for (const relay of relays) relay.close()
    upstream.close()
    silent.close()
    await portico.stop()
    certificates.remove()
  })

  const asClient = (name: string) => ({
    servername: 'verify.test',
    cert: readFileSync(certificates.path(`${name}.crt`)),
    key: readFileSync(certificates.path(`${name}.key`)),
  })

  it.each(['/length', '/chunks'])(
    'of an upstream that ends without a word is no end of its body: %s',
    async (path) => {
      const { text, closed } = await sendRaw(plain, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
      expect(text).toMatch(/^HTTP\/1.1 200 /)
      expect(text).toContain('half')
      expect(closed).toBe(true)
      expect(text.includes('\r\n0\r\n')).toBe(false)
      if (path === '/length') expect(text).toContain('Content-Length: 10\r\n')
    },
  )

  it('of an upstream that ends without a word inside its head is 502', async () => {
    const { text } = await sendRaw(plain, 'GET /head HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(text).toMatch(/^HTTP\/1.1 502 /)
  })

  it('of a client that ends without a word is no end of its body: nobody hears of the request', async () => {
    const relay = new CuttingRelay(() => port, 'requests')
    relays.push(relay)
    const request = 'POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf'
    await askTls(await relay.listen(), request, { servername: 'localhost' })
    await portico.waitFor(
      () => portico.read('logs/access.log').includes('/upload 400'),
      'the line of the request',
    )
    expect(received).toBe('')
  })

  it.each([
    ['of its own authority', 'site', /^HTTP\/1.1 200 [^]*\r\n\r\nSUCCESS /],
    ['with names of every odd kind', 'odd', /^HTTP\/1.1 200 [^]*\r\n\r\nSUCCESS /],
    ['over many hands', 'deep', /^HTTP\/1.1 200 [^]*\r\n\r\nSUCCESS /],
    ['over hands of which one is missing', 'torn', /^HTTP\/1.1 400 [^]*certificate error/i],
    ['by who is no authority', 'minor', /^HTTP\/1.1 400 [^]*certificate error/i],
  ])('takes a client’s certificate %s for what it is', async (_, name, answer) => {
    expect((await askTls(port, get('/', 'verify.test'), asClient(name))).text).toMatch(answer)
  })

  it('reads no chain of a megabyte', async () => {
    const pile = Array.from({ length: 1500 }, () => certificates.read('link0.crt')).join('\n')
    writeFileSync(certificates.path('pile.crt'), `${certificates.read('site.crt')}\n${pile}`)
    writeFileSync(certificates.path('pile.key'), certificates.read('site.key'))
    const before = performance.now()
    const { text } = await askTls(port, get('/', 'verify.test'), asClient('pile'))
    expect(text).not.toMatch(/^HTTP\/1.1 200/)
    expect(performance.now() - before).toBeLessThan(10_000)
    expect((await askTls(port, get('/', 'verify.test'), asClient('site'))).text).toContain('SUCCESS')
  })

  it('is not started with a staple that is none', async () => {
    const conf = `http { server { listen 127.0.0.1:1 ssl; ssl_stapling on; ssl_stapling_file staple;
      ssl_certificate ${certificates.path('site.crt')}; ssl_certificate_key ${certificates.path('site.key')}; } }`
    const cut = Buffer.from([0x30, 4, 0x0a, 1, 3])
    const long = Buffer.from([0x30, 3, 0x0a, 1, 3, 0])
    for (const staple of ['no staple', '', cut, long, undefined]) {
      const files = staple === undefined ? {} : { 'conf/staple': staple }
      const { code, output } = await runPortico({ conf, files: { ...files, 'logs/.keep': '' }, args: ['-t'] })
      expect([code, output]).toEqual([1, expect.stringMatching(/\[emerg\].*staple/)])
    }
  })

  it('takes no early data, so that there is none to send again', () => {
    const session = certificates.path('session')
    const client = (...args: string[]) =>
      spawnSync(
        'openssl',
        ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', 'localhost', '-tls1_3', ...args],
        {
          input: get('/'),
          encoding: 'utf8',
          timeout: 20_000,
        },
      ).stdout
    expect(client('-sess_out', session, '-ign_eof')).toContain('well')
    const told = spawnSync('openssl', ['sess_id', '-in', session, '-text', '-noout'], {
      encoding: 'utf8',
    }).stdout
    expect(told).toContain('TLSv1.3')
    expect(told).not.toMatch(/Max Early Data: [1-9]/)
    writeFileSync(certificates.path('early'), get('/'))
    const again = client('-sess_in', session, '-early_data', certificates.path('early'), '-ign_eof')
    expect(again).not.toContain('Early data was accepted')
    expect(bodyOf(again)).not.toBe('')
  })
})

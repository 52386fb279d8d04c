/** TLS under bad handshakes, in several workers, over reloads, and with conf that is wrong. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Certificates } from '../support/certificates.ts'
import { freePort } from '../support/free-port.ts'
import { describeWithPeer } from '../support/peer.ts'
import { PorticoServer, runPortico } from '../support/portico-server.ts'
import { askTls, bodyOf, get } from '../support/tls-client.ts'

/** RFC 6960, section 4.2.1: `tryLater`, which is about no certificate. */
const STAPLE = Buffer.from([0x30, 3, 0x0a, 1, 3])
const MEGABYTES = randomBytes(3 << 20)

/** Writes bytes, gathers what comes back, and how long it took until the end. */
function raw(port: number, bytes: Buffer): Promise<{ reply: Buffer; ms: number }> {
  const { promise, resolve } = Promise.withResolvers<{ reply: Buffer; ms: number }>()
  const chunks: Buffer[] = []
  const begin = performance.now()
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => undefined)
  socket.on('close', () => resolve({ reply: Buffer.concat(chunks), ms: performance.now() - begin }))
  return promise
}

/** Stands between client and server and changes what the client sends. */
async function withProxy<T>(
  port: number,
  change: (bytes: Buffer, isFirst: boolean) => readonly Buffer[],
  use: (port: number) => Promise<T>,
): Promise<T> {
  const sockets: Socket[] = []
  const proxy: Server = createServer((client) => {
    const server = connect({ port, host: '127.0.0.1', noDelay: true })
    sockets.push(client, server)
    let first = true
    client.on('data', (bytes: Buffer) => {
      for (const piece of change(bytes, first)) server.write(piece)
      first = false
    })
    server.pipe(client)
    client.on('error', () => server.destroy())
    server.on('error', () => client.destroy())
    client.on('end', () => server.end())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  try {
    return await use((proxy.address() as AddressInfo).port)
  } finally {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  }
}

/** One record as many of `size` bytes. */
function refragment(bytes: Buffer, size: number): Buffer[] {
  const content = bytes.subarray(5)
  const pieces: Buffer[] = []
  for (let at = 0; at < content.length; at += size) {
    const piece = content.subarray(at, at + size)
    pieces.push(Buffer.from([22, 3, 1, piece.length >> 8, piece.length & 255]), piece)
  }
  return pieces
}

describeWithPeer('openssl', 'TLS of the front', () => {
  const certificates = new Certificates()
  let portico: PorticoServer
  let port = 0

  const server = (rest: string): string => `server { listen 127.0.0.1:${port} ssl; ${rest}
    location / { return 200 "$ssl_session_reused $pid $server_name"; } }`
  const conf = (keys = ''): string => `worker_processes 2; error_log logs/error.log info;
    http { access_log off; client_header_timeout 1s; ${keys}
      ssl_certificate ${certificates.path('one.crt')}; ssl_certificate_key ${certificates.path('one.key')};
      server { listen 127.0.0.1:${port} ssl; server_name localhost;
        location / { return 200 "$ssl_session_reused $pid $server_name"; }
        location = /big { root files; }
      }
      ${server(`server_name other.test; ssl_certificate ${certificates.path('two.crt')}; ssl_certificate_key ${certificates.path('two.key')};`)}
      ${server(`server_name on.test; ssl_verify_client on; ssl_client_certificate ${certificates.path('one.crt')};`)}
      ${server('server_name cached.test; ssl_session_tickets off; ssl_session_cache shared:x:1m;')}
      ${server('server_name none.test; ssl_session_tickets off;')}
      ${server(`server_name stapled.test; ssl_stapling on; ssl_stapling_file ${certificates.path('answer')};`)}
    }`

  beforeAll(async () => {
    certificates.make({ name: 'one' })
    certificates.make({ name: 'two' })
    const locked = ['ec', '-in', 'one.key', '-aes256', '-passout', 'pass:x', '-out', 'locked.key']
    await promisify(execFile)('openssl', locked, { cwd: certificates.folder })
    for (const name of ['a', 'b']) certificates.write(`${name}.ticket`, randomBytes(name === 'a' ? 48 : 80))
    certificates.write('answer', STAPLE)
    port = await freePort()
    portico = await PorticoServer.start({ conf: conf(), files: { 'logs/.keep': '', 'files/big': MEGABYTES } })
  }, 60_000)

  afterAll(async () => {
    await portico.stop()
    certificates.remove()
  })

  const ask = (servername: string, session?: Buffer, maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3') =>
    askTls(port, get('/', servername), { servername, maxVersion, ...(session && { session }) })

  const reload = async (text: string): Promise<void> => {
    const before = portico.read('logs/error.log').split('listening on').length
    portico.write('conf/portico.conf', text)
    portico.signal('SIGHUP')
    await portico.waitFor(
      () => portico.read('logs/error.log').split('listening on').length > before,
      'the reload',
    )
  }

  /** Of ten further connections, how many were resumed. */
  const resumed = async (servername: string, session: Buffer | undefined): Promise<number> => {
    let count = 0
    for (let turn = 0; turn < 10; turn += 1)
      if (bodyOf((await ask(servername, session)).text).startsWith('r ')) count += 1
    return count
  }

  const lives = async (): Promise<void> => {
    expect((await ask('localhost')).text).toContain('200 OK')
  }

  describe('sessions', () => {
    it('are resumed by every worker, and after a reload', async () => {
      const { session } = await ask('localhost')
      expect(await resumed('localhost', session)).toBe(10)
      await reload(conf())
      expect(await resumed('localhost', session)).toBe(10)
    })

    it.each(['other.test', 'on.test', 'none.test', 'cached.test'])('are not resumed at %s', async (name) => {
      const { session } = await ask('localhost')
      const answer = await askTls(port, get('/', name), { servername: name, ...(session && { session }) })
      expect(answer.reused).toBe(false)
    })

    it('are not kept where there is neither ticket nor cache', async () => {
      const { session } = await ask('none.test')
      expect(await resumed('none.test', session)).toBe(0)
    })

    it.each(['TLSv1.2', 'TLSv1.3'] as const)(
      'are found in a cache by every worker, and after a reload, %s',
      async (version) => {
        const first = await ask('cached.test', undefined, version)
        const workers = new Set<string | undefined>()
        for (let turn = 0; turn < 60 && (turn < 5 || workers.size < 2); turn += 1) {
          const { text } = await ask('cached.test', first.session, version)
          const [mark, pid] = bodyOf(text).split(' ')
          workers.add(pid)
          // A session of TLS 1.3 may be used again, as nginx lets it.
          expect(mark).toBe('r')
        }
        expect(workers.size).toBe(2)
        await reload(conf())
        const after = bodyOf((await ask('cached.test', first.session, version)).text).split(' ')
        expect(after[0]).toBe('r')
        expect(workers).not.toContain(after[1])
      },
      60_000,
    )

    it('are found by openssl s_client -reconnect', async () => {
      const options = ['-connect', `127.0.0.1:${port}`, '-servername', 'cached.test', '-tls1_2', '-reconnect']
      const client = promisify(execFile)('openssl', ['s_client', ...options])
      client.child.stdin?.end()
      const { stdout } = await client
      expect(stdout.match(/^Reused, TLSv1\.2/gm)).toHaveLength(5)
    })

    it('follow the keys in files: the first seals, all open', async () => {
      const key = (name: string): string => `ssl_session_ticket_key ${certificates.path(`${name}.ticket`)};`
      await reload(conf(key('a')))
      const { session: old } = await ask('localhost')
      expect(await resumed('localhost', old)).toBe(10)
      await reload(conf(key('b') + key('a')))
      expect(await resumed('localhost', old)).toBe(10)
      const { session: fresh } = await ask('localhost')
      await reload(conf(key('b')))
      expect(await resumed('localhost', old)).toBe(0)
      expect(await resumed('localhost', fresh)).toBe(10)
      await reload(conf())
    }, 60_000)
  })

  describe('handshakes', () => {
    it.each([1, 7, 40])('take a hello in records of %i bytes', async (size) => {
      const answer = await withProxy(
        port,
        (bytes, first) => (first ? refragment(bytes, size) : [bytes]),
        (proxy) => askTls(proxy, get('/', 'other.test'), { servername: 'other.test' }),
      )
      expect(answer.text).toContain('other.test')
    })

    it('take a hello byte by byte', async () => {
      const answer = await withProxy(
        port,
        (bytes) => Array.from(bytes, (byte) => Buffer.from([byte])),
        (proxy) => askTls(proxy, get('/', 'other.test'), { servername: 'other.test' }),
      )
      expect(answer.text).toContain('other.test')
    })

    it.each([
      ['a record that is no hello', Buffer.from('160301000a02000006030300000000', 'hex')],
      ['a hello that is cut inside', Buffer.from('160301000601000002' + '0303', 'hex')],
      ['a record that is too long', Buffer.concat([Buffer.from('160301ffff', 'hex'), Buffer.alloc(70_000)])],
      [
        'SSL 2',
        Buffer.concat([
          Buffer.from('802e0100020015000000100100800200800300800400800500800600', 'hex'),
          Buffer.alloc(22),
        ]),
      ],
      ['noise', Buffer.concat([Buffer.from([22, 3, 1, 1, 0, 1, 0, 0, 252]), randomBytes(252)])],
      [
        'a hello of 16 MB',
        Buffer.concat([Buffer.from('1603014000' + '01ffffff', 'hex'), Buffer.alloc(16_380)]),
      ],
    ])('end at %s', async (_what, bytes) => {
      const { reply, ms } = await raw(port, bytes)
      expect(reply.length === 0 || reply[0] === 21, 'an alert or nothing').toBe(true)
      expect(ms).toBeLessThan(4000)
      await lives()
    })

    it.each([
      ['nothing', Buffer.alloc(0)],
      ['half a hello', Buffer.from('16030102000100', 'hex')],
    ])('end in time when %s comes', async (_what, bytes) => {
      const { ms } = await raw(port, bytes)
      expect(ms).toBeGreaterThan(800)
      expect(ms).toBeLessThan(4000)
      await expect
        .poll(() => portico.read('logs/error.log'), { timeout: 10_000 })
        .toContain('client timed out (110: Connection timed out) while SSL handshaking')
    })

    it('end when the client leaves in the middle', async () => {
      const before = portico.read('logs/error.log').split('peer closed connection in SSL handshake').length
      await withProxy(
        port,
        (bytes, first) => (first ? [bytes] : []),
        async (proxy) => {
          const socket = connectTls({ port: proxy, host: '127.0.0.1', rejectUnauthorized: false })
          socket.on('error', () => undefined)
          await new Promise((resolve) => setTimeout(resolve, 200))
          socket.destroy()
          await portico.waitFor(
            () =>
              portico.read('logs/error.log').split('peer closed connection in SSL handshake').length > before,
            'the end of the handshake',
            900,
          )
        },
      )
    })

    it('are not done twice on a connection', async () => {
      const { promise, resolve } = Promise.withResolvers<string>()
      const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.2' })
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      socket.on('secureConnect', () => {
        socket.renegotiate({}, (error) => resolve(error ? 'refused' : 'renegotiated'))
      })
      expect(await promise).not.toBe('renegotiated')
      socket.destroy()
      await lives()
    })

    it('bring the OCSP response of a file', async () => {
      const { promise, resolve } = Promise.withResolvers<string>()
      const options = { port, host: '127.0.0.1', servername: 'stapled.test', rejectUnauthorized: false }
      const socket = connectTls({ ...options, requestOCSP: true }, () => socket.destroy())
      socket.on('OCSPResponse', (response: Buffer) => resolve(response.toString('latin1')))
      expect(await promise).toBe(STAPLE.toString('latin1'))
    })
  })

  it('sends large files whole, also to who reads late', async () => {
    const { promise, resolve } = Promise.withResolvers<Buffer>()
    const chunks: Buffer[] = []
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    socket.write(get('/big'))
    setTimeout(() => socket.on('data', (chunk: Buffer) => chunks.push(chunk)), 300)
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(Buffer.concat(chunks)))
    const whole = await promise
    const body = whole.subarray(whole.indexOf('\r\n\r\n') + 4)
    expect(body.equals(MEGABYTES)).toBe(true)
  })

  const pair = (name: string): string =>
    `ssl_certificate %C%/${name}.crt; ssl_certificate_key %C%/${name}.key;`

  it.each([
    [
      '',
      'no "ssl_certificate" is defined for the "listen ... ssl" directive in %PREFIX%/conf/portico.conf:1',
    ],
    ['ssl_certificate %C%/one.crt;', 'no "ssl_certificate_key" is defined for certificate "%C%/one.crt"'],
    [
      pair('missing'),
      'cannot load certificate "%C%/missing.crt": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory:calling fopen(%C%/missing.crt, r)',
    ],
    [
      'ssl_certificate %C%/one.crt; ssl_certificate_key %C%/two.key;',
      'SSL_CTX_use_PrivateKey("%C%/two.key") failed (SSL: error:05800074:x509 certificate routines::key values mismatch)',
    ],
    [
      'ssl_certificate %C%/one.key; ssl_certificate_key %C%/one.key;',
      'cannot load certificate "%C%/one.key": PEM_read_bio_X509_AUX() failed',
    ],
    [
      'ssl_certificate %C%/one.crt; ssl_certificate_key %C%/one.crt;',
      'cannot load certificate key "%C%/one.crt": PEM_read_bio_PrivateKey() failed',
    ],
    [
      'ssl_certificate %C%/one.crt; ssl_certificate_key %C%/locked.key;',
      'cannot load certificate key "%C%/locked.key"',
    ],
    [
      `${pair('one')} ssl_verify_client on;`,
      'no ssl_client_certificate or ssl_trusted_certificate for ssl_verify_client',
    ],
    [`${pair('one')} ssl_ciphers NOTHING;`, 'no cipher match'],
    [`${pair('one')} ssl_protocols TLSv9;`, 'invalid value "TLSv9"'],
    [`${pair('one')} ssl_session_cache shared:x;`, 'invalid session cache "shared:x"'],
    [`${pair('one')} ssl_session_cache shared:x:1k;`, 'session cache "shared:x:1k" is too small'],
    [`${pair('one')} ssl_session_ticket_key %C%/one.crt;`, '"%C%/one.crt" must be 48 or 80 bytes'],
    [`${pair('one')} ssl_ocsp on;`, '"ssl_ocsp" is not implemented by this server'],
    [`${pair('one')} ssl_conf_command Nonsense x;`, 'SSL_CONF_cmd("Nonsense", "x") failed'],
    [
      'location / { proxy_pass https://127.0.0.1; proxy_ssl_verify on; }',
      'no proxy_ssl_trusted_certificate for proxy_ssl_verify',
    ],
  ])('refuses "%s"', async (rest, message) => {
    const fill = (text: string): string => text.replaceAll('%C%', certificates.folder)
    const { code, output } = await runPortico({
      conf: fill(`http { server { listen 127.0.0.1:${port} ssl; ${rest} } }`),
      args: ['-t'],
      files: { 'logs/.keep': '' },
    })
    expect(output).toContain(fill(message))
    expect(code).toBe(1)
  })

  it.each([
    ['ssl_early_data on;', '"ssl_early_data"'],
    ['ssl_stapling on;', '"ssl_stapling" ignored'],
    ['ssl on;', 'the "ssl" directive is deprecated, use the "listen ... ssl" directive instead'],
    ['http2 on;', 'http2'],
    ['ssl_verify_client optional_no_ca; ssl_verify_depth 2;', '"ssl_verify_depth" counts'],
  ])('warns of "%s"', async (rest, message) => {
    const { code, output } = await runPortico({
      conf: `http { server { listen 127.0.0.1:${port} ssl; ${pair('one').replaceAll('%C%', certificates.folder)} ${rest} } }`,
      args: ['-t'],
      files: { 'logs/.keep': '' },
    })
    expect(output).toContain('[warn]')
    expect(output).toContain(message)
    expect(code).toBe(0)
  })
})

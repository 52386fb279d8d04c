/** `command` of an app: real programs that the master starts, in each protocol that they speak, behind our front. */
import { randomBytes, createHash } from 'node:crypto'
import { request, type IncomingHttpHeaders } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { describeWithPeer } from '../support/peer.ts'
import { PorticoServer } from '../support/portico-server.ts'

const WSGI = `
import hashlib
def application(environ, start_response):
    path = environ['PATH_INFO']
    if path == '/error':
        start_response('503 Service Unavailable', [('Content-Type', 'text/plain')])
        return [b'error']
    if path == '/stream':
        start_response('200 OK', [('Content-Type', 'text/plain')])
        return (b'%d,' % i for i in range(10000))
    body = b''
    left = int(environ.get('CONTENT_LENGTH') or 0)
    while left > 0:
        piece = environ['wsgi.input'].read(min(left, 65536))
        if not piece: break
        left -= len(piece)
        body += piece
    text = ' '.join([environ['REQUEST_METHOD'], str(len(body)), hashlib.sha256(body).hexdigest(),
                     environ.get('HTTP_X_LONG', '')[-3:], environ['QUERY_STRING']]).encode()
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', str(len(text))),
                              ('Set-Cookie', 'a=1'), ('Set-Cookie', 'b=2')])
    return [text]
`

const PHP = `<?php
if ($_SERVER['DOCUMENT_URI'] === '/error') { http_response_code(503); exit('error'); }
if ($_SERVER['DOCUMENT_URI'] === '/stream') { for ($i = 0; $i < 10000; $i++) echo $i, ','; exit; }
$body = file_get_contents('php://input');
header('Set-Cookie: a=1', false);
header('Set-Cookie: b=2', false);
$text = implode(' ', [$_SERVER['REQUEST_METHOD'], strlen($body), hash('sha256', $body),
  substr($_SERVER['HTTP_X_LONG'] ?? '', -3), $_SERVER['QUERY_STRING']]);
header('Content-Type: text/plain');
header('Content-Length: ' . strlen($text));
echo $text;
`

interface Program {
  /** Lines of the app block. */
  readonly app: readonly string[]
  /** What answers: app_pass unless said otherwise. */
  readonly pass?: string
  readonly files?: Readonly<Record<string, string>>
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly complete: boolean
}

function ask(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: Buffer,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const options = { port, host: '127.0.0.1', method, path, headers, agent: false }
  const outgoing = request(options, (incoming) => {
    const parts: Buffer[] = []
    incoming.on('data', (part: Buffer) => parts.push(part))
    incoming.on('error', () => undefined)
    incoming.on('close', () => {
      const { statusCode: status = 0, complete } = incoming
      resolve({ status, complete, headers: incoming.headers, body: Buffer.concat(parts).toString('latin1') })
    })
  })
  outgoing.on('error', reject)
  outgoing.end(body)
  return promise
}

function serves(title: string, program: Program): void {
  describe(title, () => {
    let server: PorticoServer
    let port: number

    beforeAll(async () => {
      port = await freePort()
      server = await PorticoServer.start({
        conf: `
          worker_processes 1;
          error_log logs/error.log info;
          app it { ${program.app.join(' ')} }
          http {
            access_log off;
            large_client_header_buffers 4 64k;
            server {
              listen 127.0.0.1:${port};
              client_max_body_size 100m;
              location / { ${program.pass ?? 'app_pass it;'} }
            }
          }`,
        files: { 'logs/.keep': '', 'run/.keep': '', 'shop.py': WSGI, 'shop.php': PHP, ...program.files },
      })
    })

    afterAll(async () => {
      expect(server.read('logs/error.log')).not.toMatch(/\[(alert|crit|emerg)\]/)
      await server.stop()
    })

    test.each([
      ['GET', 0],
      ['POST', 0],
      ['POST', 1],
      ['POST', 65_536],
      ['POST', 10 * 1024 * 1024],
    ])('%s with %d bytes, by length and chunked', async (method, size) => {
      const body = randomBytes(size)
      const expected = `${method} ${size} ${createHash('sha256').update(body).digest('hex')} xyz a=%20b`
      const framings = [{ 'Content-Length': String(size) }, { 'Transfer-Encoding': 'chunked' }]
      for (const framing of method === 'GET' ? [{}] : framings) {
        const answer = await ask(port, method, '/echo?a=%20b', { ...framing, 'X-Long': 'xyz' }, body)
        expect([answer.status, answer.body]).toEqual([200, expected])
        expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2'])
      }
    })

    test('HEAD', async () => {
      const answer = await ask(port, 'HEAD', '/echo')
      expect([answer.status, answer.body, answer.complete]).toEqual([200, '', true])
    })

    test('a streamed answer', async () => {
      const { body, complete } = await ask(port, 'GET', '/stream')
      expect(complete).toBe(true)
      expect(body).toBe(Array.from({ length: 10_000 }, (_, i) => `${i},`).join(''))
    })

    test('an error of the application', async () => {
      const answer = await ask(port, 'GET', '/error')
      expect([answer.status, answer.body]).toEqual([503, 'error'])
    })
  })
}

describeWithPeer('gunicorn', 'gunicorn', (gunicorn) => {
  const command = `command ${gunicorn} --bind $app_address --workers 1 shop:application;`
  serves('app_pass over HTTP', { app: [command, 'protocol http;', 'working_directory %PREFIX%;'] })
})

describeWithPeer('uwsgi', 'uWSGI', (uwsgi) => {
  const options = '--plugin python3 --need-app --die-on-term --buffer-size 65535 --wsgi-file shop.py'
  for (const [protocol, option] of [
    ['uwsgi', '--socket'],
    ['fastcgi', '--fastcgi-socket'],
    ['scgi', '--scgi-socket'],
    ['http', '--http-socket'],
  ] as const) {
    const command = `command ${uwsgi} ${options} ${option} $app_path;`
    serves(`app_pass over ${protocol}`, {
      app: [command, `protocol ${protocol};`, 'working_directory %PREFIX%;'],
    })
  }
})

describeWithPeer('php-fpm', 'PHP-FPM', (phpFpm) => {
  const user = process.getuid?.() === 0 ? 'user = root\ngroup = root' : ''
  serves('fastcgi_pass', {
    app: [
      `command ${phpFpm} -n -R -F -p %PREFIX% -y %PREFIX%/fpm.conf;`,
      'protocol fastcgi; listen unix:run/php.sock; working_directory %PREFIX%;',
    ],
    pass: [
      'fastcgi_pass unix:run/php.sock;',
      'fastcgi_param SCRIPT_FILENAME %PREFIX%/shop.php;',
      'fastcgi_param REQUEST_METHOD $request_method;',
      'fastcgi_param QUERY_STRING $query_string;',
      'fastcgi_param DOCUMENT_URI $document_uri;',
      'fastcgi_param CONTENT_TYPE $content_type;',
      'fastcgi_param CONTENT_LENGTH $content_length;',
    ].join(' '),
    files: {
      'fpm.conf': `[global]
daemonize = no
error_log = fpm.log
[www]
listen = run/php.sock
pm = static
pm.max_children = 1
php_admin_value[post_max_size] = 100m
${user}
`,
    },
  })
})

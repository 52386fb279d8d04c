/**
 * Real PHP-FPM and real uWSGI behind the front and behind nginx, with one conf: the application is told the same of a
 * request, and the client the same of its answer. What every application and protocol has to carry: gateway-matrix.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { readAnswers, type HttpAnswer } from '../support/http-answers.ts'
import { NginxServer } from '../support/nginx-server.ts'
import { describeWithPeer, type PeerName } from '../support/peer.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { sendRaw } from '../support/raw-client.ts'

const HERE = fileURLToPath(new URL('front-gateways/', import.meta.url))
const CONF = fileURLToPath(new URL('../../conf/', import.meta.url))

interface Backend {
  readonly name: string
  readonly program: PeerName
  /** Path under which the application answers. */
  readonly path: string
  start(program: string, folder: string): ChildProcess
  /** Locations for it; the socket is `%FILES%/app.sock`. */
  readonly locations: string
  /** Prefix of its directives. */
  readonly prefix: string
}

const PHP: Backend = {
  name: 'PHP-FPM by fastcgi_pass',
  program: 'php-fpm',
  path: '/app.php',
  prefix: 'fastcgi',
  start(program, folder) {
    const { username } = userInfo()
    writeFileSync(
      join(folder, 'fpm.conf'),
      `[global]\nerror_log = ${folder}/fpm.log\ndaemonize = no\n[www]\nuser = ${username}\ngroup = ${username}\n` +
        `listen = ${folder}/app.sock\npm = static\npm.max_children = 3\nsecurity.limit_extensions = .php\n` +
        'php_admin_flag[log_errors] = on\nphp_admin_value[output_buffering] = 0\nphp_admin_value[post_max_size] = 20M\n',
    )
    return spawn(program, ['-n', '-F', '-R', '-y', join(folder, 'fpm.conf')], { stdio: 'ignore' })
  },
  locations: `
    location ~ [^/]\\.php(/|$) {
      fastcgi_split_path_info ^(.+?\\.php)(/.*)$;
      include ${CONF}fastcgi_params;
      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
      fastcgi_param PATH_INFO $fastcgi_path_info;
      fastcgi_pass unix:%FILES%/app.sock;
    }`,
}

const UWSGI: Backend = {
  name: 'uWSGI by uwsgi_pass',
  program: 'uwsgi',
  path: '/app',
  prefix: 'uwsgi',
  start(program, folder) {
    const options = [
      '--plugin',
      'python3',
      '--socket',
      join(folder, 'app.sock'),
      '--master',
      '--processes',
      '3',
    ]
    const more = ['--die-on-term', '--need-app', '--wsgi-file', join(folder, 'app.py')]
    return spawn(program, [...options, ...more], { stdio: 'ignore' })
  },
  locations: `
    location /app {
      include ${CONF}uwsgi_params;
      uwsgi_pass unix:%FILES%/app.sock;
    }`,
}

function confOf({ locations, prefix, path }: Backend, port: number, files: string): string {
  return `
    log_format own '$request_method $request_uri $status $upstream_status';
    access_log logs/access.log own;
    client_max_body_size 20m;
    server {
      listen 127.0.0.1:${port};
      server_name own.test;
      root %FILES%;
      ${prefix}_read_timeout 1s;
      ${locations}
      location /protected/ { internal; }
      location @fallback { return 200 "fallback $uri"; }
      location /intercepted { error_page 404 /page.html; error_page 500 @fallback; rewrite ^ ${path} last; }
      location /dead { ${prefix}_pass unix:%FILES%/nobody.sock; error_page 502 /page.html; }
    }
    server {
      listen 127.0.0.1:${port};
      server_name intercepting.test;
      root %FILES%;
      ${prefix}_intercept_errors on;
      error_page 404 /page.html;
      error_page 500 @fallback;
      location @fallback { return 200 "fallback $uri"; }
      ${locations}
    }`.replaceAll('%FILES%', files)
}

const request = (method: string, target: string, lines = '', body = '', host = 'own.test'): string =>
  `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${lines}\r\n${body}`

const chunked = (body: string): string => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`

/** By name: what is asked, with `%APP%` for the application's path. */
const COMPARED: Readonly<Record<string, string>> = {
  'a plain request': request('GET', '%APP%?do=echo&x=%20y'),
  'path info': request('GET', '%APP%/more/path%20info?do=echo'),
  'HEAD of a large answer': request('HEAD', '%APP%?do=big'),
  'a form': request(
    'POST',
    '%APP%',
    'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n',
    'a=1&b=2',
  ),
  'an empty form': request('POST', '%APP%', 'Content-Length: 0\r\n'),
  'a chunked form': request(
    'POST',
    '%APP%',
    'Content-Type: text/x\r\nTransfer-Encoding: chunked\r\n',
    chunked('a chunked body'),
  ),
  'a 404 of the application': request('GET', '%APP%?do=missing'),
  'a 404 that is intercepted': request('GET', '%APP%?do=missing', '', '', 'intercepting.test'),
  'a 204': request('GET', '%APP%?do=nocontent'),
  'a 500 of the application': request('GET', '%APP%?do=error'),
  'a 500 that is intercepted': request('GET', '%APP%?do=error', '', '', 'intercepting.test'),
  'fields of the answer': request('GET', '%APP%?do=fields'),
  'a conditional request': request('GET', '%APP%?do=fields', 'If-None-Match: "other"\r\n'),
  'a large answer': request('GET', '%APP%?do=big'),
  'a large answer to HTTP/1.0': 'GET %APP%?do=big HTTP/1.0\r\nHost: own.test\r\n\r\n',
  'an answer of known length': request('GET', '%APP%?do=length'),
  'an empty answer': request('GET', '%APP%?do=empty'),
  'a redirect': request('GET', '%APP%?do=redirect'),
  'X-Accel-Redirect': request('GET', '%APP%?do=accel'),
  'X-Accel-Redirect to a named location': request('GET', '%APP%?do=accelnamed'),
  'a rewritten request': request('GET', '/intercepted?do=echo'),
  'nobody on the socket': request('GET', '/dead'),
  'a protected file asked for directly': request('GET', '/protected/file.txt'),
  'a killed worker': request('GET', '%APP%?do=kill'),
  'an application that is too slow': request('GET', '%APP%?do=slow'),
  'the request after': request('GET', '%APP%?do=length'),
}

/** Fields whose value is a server's own, or that only frame; nginx does not know that Connection names others. */
const OWN_FIELDS = new Set(['server', 'date', 'transfer-encoding', 'content-length', 'x-hop'])

/** nginx tells these as fields too, beside the variables that say the same. */
const TOLD_TWICE = /^HTTP_(CONTENT_LENGTH|CONTENT_TYPE|TRANSFER_ENCODING)=.*\n/gm

interface Comparable {
  readonly status: number
  readonly fields: readonly string[]
  readonly body: string
}

function comparable(answers: readonly HttpAnswer[]): Comparable[] {
  return answers.map(({ status, headers, body }) => ({
    status,
    fields: [...headers]
      .filter(([name]) => !OWN_FIELDS.has(name) && !(status === 204 && name === 'content-type'))
      .map(([name, value]) => `${name}: ${value}`)
      .sort(),
    // pages that carry a server's name are the business of another test
    body: body.startsWith('<html>') ? '(page)' : body.replaceAll(TOLD_TWICE, ''),
  }))
}

describe.each([PHP, UWSGI])('$name', (backend) => {
  describeWithPeer([backend.program, 'nginx'], 'with nginx beside it', (program, nginxPath) => {
    let folder: string
    let process: ChildProcess
    let portico: PorticoServer
    let nginx: NginxServer
    let ours: number
    let theirs: number

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'portico-gateway-'))
      for (const name of ['app.php', 'app.py']) copyFileSync(join(HERE, name), join(folder, name))
      mkdirSync(join(folder, 'protected'))
      writeFileSync(join(folder, 'protected/file.txt'), 'protected\n')
      writeFileSync(join(folder, 'page.html'), 'own page\n')
      process = backend.start(program, folder)
      ours = await freePort()
      theirs = await freePort()
      nginx = await NginxServer.start(nginxPath, confOf(backend, theirs, folder), theirs)
      portico = await PorticoServer.start({
        conf: `error_log logs/error.log info; http { ${confOf(backend, ours, folder)} }`,
        files: { 'logs/.keep': '' },
      })
      await portico.waitFor(() => existsSync(join(folder, 'app.sock')), 'the socket of the application')
    })

    afterAll(async () => {
      process.kill('SIGTERM')
      await Promise.all([portico.stop(), nginx.stop()])
      rmSync(folder, { recursive: true, force: true })
    })

    async function ask(port: number, text: string): Promise<HttpAnswer[]> {
      const bytes = text.replaceAll('%APP%', backend.path)
      return readAnswers((await sendRaw(port, bytes)).text, [/^[A-Z]+/.exec(bytes)?.[0] ?? ''])
    }

    const askOne = async (text: string): Promise<HttpAnswer> => {
      const [answer] = await ask(ours, text)
      if (!answer) throw new Error('no answer')
      return answer
    }

    it.each(Object.entries(COMPARED))('answers as through nginx: %s', async (_name, text) => {
      expect(comparable(await ask(ours, text))).toEqual(comparable(await ask(theirs, text)))
    })

    it('sends a small answer in one piece of known length', async () => {
      const answer = await askOne(request('GET', '%APP%?do=missing'))
      // uWSGI sends head and body apart
      if (backend === PHP) expect(answer.headers.get('content-length')).toBe('13')
      expect(answer.body).toBe('nothing here\n')
    })

    it('does not pretend that an answer is whole which is shorter than its length', async () => {
      for (const name of ['short', 'shortbig']) {
        const { text } = await sendRaw(ours, request('GET', `${backend.path}?do=${name}`))
        if (!text.startsWith('HTTP/1.1 502 '))
          expect(() => readAnswers(text)).toThrow(/body of \d+ bytes instead of/)
      }
      expect(portico.read('logs/error.log')).toContain(
        'upstream prematurely closed connection while reading upstream',
      )
    })

    it('logs what happened to the requests that failed', () => {
      const log = portico.read('logs/access.log')
      expect(log).toContain(`GET ${backend.path}?do=kill 502 502\n`)
      expect(log).toContain(`GET ${backend.path}?do=slow 504 504\n`)
      expect(log).toContain(`GET ${backend.path}?do=missing 404 404\n`)
      const errors = portico.read('logs/error.log')
      expect(errors).toMatch(
        /upstream timed out \(110: Connection timed out\) while reading response header from upstream, client: 127\.0\.0\.1, server: own\.test, request: "GET \S+do=slow HTTP\/1\.1", upstream: "\w+:\/\/unix:/,
      )
      expect(errors).toMatch(/connect\(\) (to \S+ )?failed \(2: No such file or directory\)/)
      expect(errors).not.toMatch(/\[(alert|emerg|crit)\]/)
    })

    it('has nothing open to the application when nothing is under way', async () => {
      const open = (): number => {
        const lines = readFileSync('/proc/net/unix', 'latin1').split('\n')
        return lines.filter((line) => line.includes(`${folder}/app.sock`) && / 03 /.test(line)).length
      }
      // the slow ones sleep on for a while
      await expect.poll(open, { timeout: 8_000 }).toBe(0)
    })

    if (backend === PHP)
      it('writes what the application says on its error stream to the error log, in one line', async () => {
        await askOne(request('GET', '%APP%?do=log'))
        await portico.waitFor(() => portico.read('logs/error.log').includes('to the log'), 'the line')
        const log = portico.read('logs/error.log')
        expect(log).toMatch(/FastCGI sent in stderr: ".*to the log \\x1B\[31m red/)
        expect(log).not.toMatch(/^forged/m)
      })
  })
})

/** A PHP application as Debian packages it (phpLiteAdmin), used through nginx and through our front. */
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CookieClient, type ClientAnswer } from '../support/cookie-client.ts'
import { freePort } from '../support/free-port.ts'
import { NginxServer } from '../support/nginx-server.ts'
import { describeWithPeer } from '../support/peer.ts'
import { PorticoServer } from '../support/portico-server.ts'

const CONF = fileURLToPath(new URL('../../conf/', import.meta.url))
const START_MS = 60_000

interface Installed {
  readonly folder: string
  readonly port: number
  readonly client: CookieClient
}

interface Step {
  readonly name: string
  readonly visit: (client: CookieClient, token: string, folder: string) => Promise<ClientAnswer>
  readonly status: number
  /** What the answer must say, so that two equal failures are none. */
  readonly says: RegExp
}

const database = (folder: string): string => `database=${encodeURIComponent(`${folder}/db/shop.db`)}`
const TABLE = {
  rows: '2',
  tablename: 'goods',
  '0_field': 'id',
  '0_type': 'INTEGER',
  '0_primarykey': 'on',
  '0_defaultoption': 'none',
  '1_field': 'title',
  '1_type': 'TEXT',
  '1_defaultoption': 'none',
}

/** What a user does, in this order. */
const STEPS: readonly Step[] = [
  { name: 'the login page', visit: (c) => c.get('/'), status: 200, says: /name='password'/ },
  { name: 'its stylesheet', visit: (c) => c.get('/?resource=css'), status: 200, says: /body\s*\{/ },
  {
    name: 'its script',
    visit: (c) => c.get('/index.php?resource=javascript'),
    status: 200,
    says: /function/,
  },
  { name: 'its icon, from disk', visit: (c) => c.get('/icon.png'), status: 200, says: /PNG/ },
  { name: 'a wrong password', visit: (c, token) => login(c, token, 'guess'), status: 302, says: /^$/ },
  { name: 'what is said of it', visit: (c) => c.get('/?failed=1'), status: 200, says: /Incorrect password/ },
  { name: 'a form without its token', visit: (c) => login(c, '', 'secret'), status: 200, says: /CSRF token/ },
  { name: 'the password', visit: (c, token) => login(c, token, 'secret'), status: 302, says: /^$/ },
  { name: 'the page behind it', visit: (c) => c.get('/'), status: 200, says: /new_dbname/ },
  {
    name: 'a new database',
    visit: (c, token) => c.post('/index.php', { new_dbname: 'shop.db', token }),
    status: 200,
    says: /shop\.db/,
  },
  {
    name: 'a new table',
    visit: (c, token, folder) =>
      c.post(`/index.php?${database(folder)}&action=table_create&confirm=1`, { ...TABLE, token }),
    status: 302,
    says: /^$/,
  },
  {
    name: 'a statement',
    visit: (c, token, folder) =>
      c.post(`/index.php?${database(folder)}&table=goods&action=table_sql`, {
        queryval: "INSERT INTO goods (title) VALUES ('Käse & Brot')",
        delimiter: ';',
        query: 'Go',
        token,
      }),
    status: 200,
    says: /Recent Queries[^]*K&auml;se/,
  },
  {
    name: 'the rows of the table',
    visit: (c, _token, folder) => c.get(`/index.php?${database(folder)}&table=goods&action=row_view`),
    status: 200,
    says: /Total: 1[^]*K&auml;se &amp; Brot/,
  },
  {
    name: 'a script that is not there',
    visit: (c) => c.get('/other.php'),
    status: 404,
    says: /404 Not Found/,
  },
  { name: 'its data by their path', visit: (c) => c.get('/db/shop.db'), status: 403, says: /403 Forbidden/ },
  { name: 'the way out', visit: (c) => c.get('/?logout=1'), status: 200, says: /name='password'/ },
  { name: 'no way back', visit: (c) => c.get('/'), status: 200, says: /name='password'/ },
]

function login(client: CookieClient, token: string, password: string): Promise<ClientAnswer> {
  return client.post('/index.php', { password, login: 'Log In', token })
}

/** Without what is made anew each time: secrets, times, and where it is installed. */
function neutral(text: string, { folder, port }: Installed): string {
  return text
    .replaceAll(encodeURIComponent(folder), '%FOLDER%')
    .replaceAll(folder, '%FOLDER%')
    .replaceAll(`127.0.0.1:${port}`, '%HOST%')
    .replaceAll(/\b[0-9a-f]{64}\b/g, '%TOKEN%')
    .replaceAll(/\d+(\.\d+)?(e-\d+)? sec/gi, '%TIME% sec')
    .replaceAll(/\d+:\d+[ap]m on \w+ \d+, \d{4} \(\w+\)/g, '%TIME%')
    .replaceAll('<center>portico</center>', '<center>nginx</center>')
}

const COMPARED = ['content-type', 'location', 'cache-control', 'pragma', 'expires', 'content-disposition']

function outcome(answer: ClientAnswer, installed: Installed): unknown {
  const fields = COMPARED.map((name) => [name, neutral(answer.headers.get(name) ?? '', installed)])
  const cookies = answer.headers
    .getSetCookie()
    .map((line) => line.replace(/=[^;]*/, '=').replace(/expires=[^;]*/i, 'expires='))
  return { status: answer.status, fields, cookies, text: neutral(answer.text, installed) }
}

function conf(folder: string, port: number, socket: string): string {
  return `
    include /etc/nginx/mime.types;
    gzip on;
    server_tokens off;
    server {
      listen 127.0.0.1:${port};
      root ${folder};
      index index.php;
      location / { try_files $uri $uri/ =404; }
      location /db/ { deny all; }
      location ~ \\.php$ {
        try_files $uri =404;
        include ${CONF}fastcgi_params;
        fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
        fastcgi_pass unix:${socket};
      }
    }`
}

describeWithPeer(
  ['nginx', 'php-fpm', 'phpliteadmin'],
  'phpLiteAdmin through both fronts',
  (nginx, fpm, script) => {
    const folder = mkdtempSync(join(tmpdir(), 'portico-php-'))
    const socket = join(folder, 'php.sock')
    const seen = new Map<Step, readonly [ours: ClientAnswer, theirs: ClientAnswer]>()
    let php: ChildProcess | undefined
    let portico: PorticoServer | undefined
    let real: NginxServer | undefined
    let ours: Installed
    let theirs: Installed

    const install = async (name: string): Promise<Installed> => {
      const at = join(folder, name)
      mkdirSync(join(at, 'db'), { recursive: true })
      copyFileSync(script, join(at, 'index.php'))
      copyFileSync('/usr/share/icons/hicolor/16x16/apps/phpliteadmin.png', join(at, 'icon.png'))
      const settings = `<?php\n$password = 'secret';\n$directory = '${at}/db';\n$subdirectories = false;\n`
      writeFileSync(join(at, 'phpliteadmin.config.php'), settings)
      const port = await freePort()
      return { folder: at, port, client: new CookieClient(`http://127.0.0.1:${port}`) }
    }

    beforeAll(async () => {
      chmodSync(folder, 0o755)
      mkdirSync(join(folder, 'sessions'))
      const { username } = userInfo()
      writeFileSync(
        join(folder, 'fpm.conf'),
        `[global]\nerror_log = ${folder}/fpm.log\ndaemonize = no\n[www]\nuser = ${username}\ngroup = ${username}\n` +
          `listen = ${socket}\nlisten.mode = 0666\npm = static\npm.max_children = 2\n` +
          `php_admin_value[session.save_path] = ${folder}/sessions\n`,
      )
      php = spawn(fpm, ['-F', '-R', '-y', join(folder, 'fpm.conf')], { stdio: 'ignore' })
      ours = await install('ours')
      theirs = await install('theirs')
      for (const end = performance.now() + START_MS; !existsSync(socket);) {
        if (performance.now() > end || php.exitCode !== null) throw new Error('PHP-FPM did not start')
        await new Promise((resolve) => setTimeout(resolve, 25))
      }
      real = await NginxServer.start(nginx, conf(theirs.folder, theirs.port, socket), theirs.port)
      portico = await PorticoServer.start({
        conf: `error_log logs/error.log info; http { ${conf(ours.folder, ours.port, socket)} }`,
        files: { 'logs/.keep': '' },
        startTimeoutMs: START_MS,
      })
      const tokens = new Map<Installed, string>()
      const use = async (step: Step, at: Installed): Promise<ClientAnswer> => {
        const answer = await step.visit(at.client, tokens.get(at) ?? '', at.folder)
        const [, token] = /name="token" value="([0-9a-f]{64})"/.exec(answer.text) ?? []
        if (token !== undefined) tokens.set(at, token)
        return answer
      }
      for (const step of STEPS) seen.set(step, [await use(step, ours), await use(step, theirs)])
    }, 120_000)

    afterAll(async () => {
      await Promise.all([portico?.stop(), real?.stop()])
      const gone = new Promise((resolve) => php?.once('close', resolve))
      if (php?.kill('SIGTERM')) await gone
      rmSync(folder, { recursive: true, force: true })
    })

    it.each(STEPS.map((step) => [step.name, step] as const))('%s', (_name, step) => {
      const [our, their] = seen.get(step) ?? []
      if (!our || !their) throw new Error('was not asked')
      expect([their.status, their.text]).toEqual([step.status, expect.stringMatching(step.says)])
      expect(outcome(our, ours)).toEqual(outcome(their, theirs))
    })
  },
)

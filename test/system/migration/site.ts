/** The files of the site that moves, and the conf as Debian's nginx has it, each front with its own ports and log. */
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync } from 'node:fs'
import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ETC = fileURLToPath(new URL('etc/', import.meta.url))
/** What the package nginx-common brings and the conf includes. */
const DEBIAN_FILES = [
  'mime.types',
  'fastcgi.conf',
  'fastcgi_params',
  'proxy_params',
  'snippets/fastcgi-php.conf',
]

const ECHO_PHP = `<?php
setcookie('seen', '1');
foreach (['REQUEST_METHOD', 'REQUEST_URI', 'QUERY_STRING', 'SCRIPT_NAME', 'PHP_SELF', 'PATH_INFO', 'DOCUMENT_URI',
  'SERVER_NAME', 'SERVER_PORT', 'SERVER_PROTOCOL', 'HTTP_HOST', 'HTTPS', 'CONTENT_TYPE', 'CONTENT_LENGTH',
  'DOCUMENT_ROOT', 'SCRIPT_FILENAME', 'REDIRECT_STATUS'] as $name) echo $name, '=', $_SERVER[$name] ?? '-', "\\n";
echo file_get_contents('php://input');
`

const ECHO_PYTHON = `
def app(environ, start_response):
    path = environ['PATH_INFO']
    if path.startswith('/v1/boom'):
        start_response('500 Internal Server Error', [('Content-Type', 'text/plain')])
        return [b'boom']
    if path == '/redirect':
        start_response('302 Found', [('Location', 'http://app.example/there'), ('Content-Length', '0')])
        return [b'']
    body = environ['wsgi.input'].read(int(environ.get('CONTENT_LENGTH') or 0))
    own = ('REQUEST_METHOD', 'PATH_INFO', 'QUERY_STRING', 'CONTENT_TYPE', 'CONTENT_LENGTH')
    lines = sorted('%s=%s\\n' % x for x in environ.items() if x[0].startswith('HTTP_') or x[0] in own)
    text = ''.join(lines).encode('latin-1') + body
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', str(len(text)))])
    return [text]
`

const FILES: Readonly<Record<string, string>> = {
  'srv/shop/index.html': `<!doctype html><title>shop</title>${'<p>welcome</p>'.repeat(60)}`,
  'srv/shop/about.html': '<!doctype html><title>about</title>',
  'srv/shop/docs/index.htm': 'docs',
  'srv/shop/img/logo.svg': `<svg xmlns="http://www.w3.org/2000/svg">${'<g/>'.repeat(100)}</svg>`,
  'srv/shop/style.css': 'body { margin: 0 }\n'.repeat(40),
  'srv/shop/errors/404.html': '<h1>nothing here</h1>\n',
  'srv/shop/errors/50x.html': '<h1>broken</h1>\n',
  'srv/shop/private/plan.txt': 'plan\n',
  'srv/shop/private/budget.txt': 'budget\n',
  'srv/shop/.hidden': 'hidden\n',
  'srv/files/report.txt': '0123456789'.repeat(30),
  'srv/static/app.js': 'let x = 1\n'.repeat(50),
  'srv/acme/.well-known/acme-challenge/token': 'token.thumb',
  'srv/blog/index.php': ECHO_PHP,
  'srv/blog/moved.php': `<?php header('Location: /elsewhere?x=1');`,
  'srv/blog/gone.php': `<?php http_response_code(410); echo "gone\\n";`,
  'srv/blog/fatal.php': `<?php ini_set('display_errors', '0'); nosuch();`,
  'srv/blog/readme.html': 'hello',
  'srv/blog/.htaccess': 'deny',
  'app.py': ECHO_PYTHON,
}

/** What both fronts serve, and a key and users for it. The user www-data reads it too. */
export function makeSite(site: string, user: string): void {
  for (const [name, content] of Object.entries(FILES)) write(join(site, name), content)
  mkdirSync(join(site, 'run'))
  chmodSync(join(site, 'run'), 0o777)
  mkdirSync(join(site, 'ssl'))
  const key = ['-keyout', join(site, 'ssl/shop.key'), '-out', join(site, 'ssl/shop.pem')]
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=shop.example']
  openssl([...request, ...key])
  const users = [
    `ann:${openssl(['passwd', '-apr1', 'secret'])}`,
    `bob:${openssl(['passwd', '-6', 'secret'])}`,
  ]
  write(join(site, 'htpasswd'), users.join(''))
  write(
    join(site, 'fpm.conf'),
    `[global]\nerror_log = ${site}/run/fpm.log\ndaemonize = no\n[www]\nuser = ${user}\ngroup = ${user}\n` +
      `listen = ${site}/run/php.sock\nlisten.mode = 0666\npm = static\npm.max_children = 2\n`,
  )
  chmodSync(site, 0o755)
}

/** Debian's folder /etc/nginx with the sites in it; gives the path of the conf. */
export function makeConf(own: string, values: Readonly<Record<string, string | number>>): string {
  const etc = join(own, 'etc')
  cpSync(ETC, etc, { recursive: true })
  for (const name of DEBIAN_FILES) copyFileSync(join('/etc/nginx', name), join(etc, name))
  for (const folder of ['modules-enabled', 'sites-enabled', '../run', '../log']) mkdirSync(join(etc, folder))
  for (const name of readdirSync(join(etc, 'sites-available')))
    symlinkSync(`../sites-available/${name}`, join(etc, 'sites-enabled', name))
  for (const name of readdirSync(etc, { recursive: true, encoding: 'utf8' })) fill(join(etc, name), values)
  chmodSync(own, 0o755)
  return join(etc, 'nginx.conf')
}

function fill(path: string, values: Readonly<Record<string, string | number>>): void {
  if (!statSync(path).isFile()) return
  const text = readFileSync(path, 'utf8')
  writeFileSync(
    path,
    text.replaceAll(/\{([A-Z0-9]+)\}/g, (whole, name: string) => String(values[name] ?? whole)),
  )
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

function openssl(args: readonly string[]): string {
  return execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString('latin1')
}

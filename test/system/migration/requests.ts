/** What the site is asked, in this order: of one front all of it, of the other all of it. */

export interface SiteRequest {
  readonly name: string
  /** Port by its name in the conf. */
  readonly at: 'HTTP' | 'HTTPS' | 'BLOG' | 'APP'
  readonly host?: string
  /** Request line without the version. */
  readonly ask: string
  readonly fields?: readonly string[]
  readonly body?: string
}

const STAFF = (user: string): string => `Authorization: Basic ${Buffer.from(user).toString('base64')}`
const FORM = 'Content-Type: application/x-www-form-urlencoded'

export const REQUESTS: readonly SiteRequest[] = [
  { name: 'http goes to https', at: 'HTTP', host: 'shop.example', ask: 'GET /a%20b?c=d&e' },
  { name: 'http of www goes to https of the bare name', at: 'HTTP', host: 'www.shop.example', ask: 'GET /' },
  { name: 'an unknown name on http', at: 'HTTP', host: 'other.example', ask: 'POST /x', body: 'a' },
  { name: 'a certificate challenge', at: 'HTTP', ask: 'GET /.well-known/acme-challenge/token' },
  { name: 'a challenge that is not there', at: 'HTTP', ask: 'GET /.well-known/acme-challenge/none' },
  { name: 'www goes to the bare name', at: 'HTTPS', host: 'www.shop.example', ask: 'GET /about?x=1' },
  { name: 'the first page', at: 'HTTPS', ask: 'GET /' },
  { name: 'the first page, gzip', at: 'HTTPS', ask: 'GET /', fields: ['Accept-Encoding: gzip, br'] },
  { name: 'only its head', at: 'HTTPS', ask: 'HEAD /' },
  { name: 'a page without its suffix', at: 'HTTPS', ask: 'GET /about' },
  { name: 'a folder without its slash', at: 'HTTPS', ask: 'GET /docs' },
  { name: 'a folder with index.htm', at: 'HTTPS', ask: 'GET /docs/' },
  { name: 'a folder without an index', at: 'HTTPS', ask: 'GET /img/' },
  { name: 'what is not there, with a page', at: 'HTTPS', ask: 'GET /nope' },
  { name: 'the error page itself', at: 'HTTPS', ask: 'GET /errors/404.html' },
  { name: 'a post to a file', at: 'HTTPS', ask: 'POST /about.html', fields: [FORM], body: 'a=b' },
  { name: 'a stylesheet, expires', at: 'HTTPS', ask: 'GET /style.css?v=2' },
  { name: 'a picture, gzip', at: 'HTTPS', ask: 'GET /img/logo.svg', fields: ['Accept-Encoding: gzip'] },
  { name: 'a picture that is not there', at: 'HTTPS', ask: 'GET /img/none.png' },
  {
    name: 'not modified since',
    at: 'HTTPS',
    ask: 'GET /style.css',
    fields: ['If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT'],
  },
  { name: 'another etag', at: 'HTTPS', ask: 'GET /style.css', fields: ['If-None-Match: "x"'] },
  { name: 'a part of a file', at: 'HTTPS', ask: 'GET /downloads/report.txt', fields: ['Range: bytes=10-19'] },
  { name: 'past the end', at: 'HTTPS', ask: 'GET /downloads/report.txt', fields: ['Range: bytes=900-'] },
  { name: 'two parts', at: 'HTTPS', ask: 'GET /downloads/report.txt', fields: ['Range: bytes=0-1,-2'] },
  { name: 'staff without a name', at: 'HTTPS', ask: 'GET /private/plan.txt' },
  { name: 'staff', at: 'HTTPS', ask: 'GET /private/plan.txt', fields: [STAFF('ann:secret')] },
  { name: 'staff with SHA-512', at: 'HTTPS', ask: 'GET /private/plan.txt', fields: [STAFF('bob:secret')] },
  { name: 'a wrong password', at: 'HTTPS', ask: 'GET /private/plan.txt', fields: [STAFF('ann:guess')] },
  { name: 'a stranger', at: 'HTTPS', ask: 'GET /private/', fields: [STAFF('eve:secret')] },
  { name: 'a hidden file', at: 'HTTPS', ask: 'GET /.hidden' },
  { name: 'out of the root', at: 'HTTPS', ask: 'GET /../../htpasswd' },
  { name: 'out of the root, encoded', at: 'HTTPS', ask: 'GET /%2e%2e/%2e%2e/htpasswd' },
  { name: 'out of an alias', at: 'HTTPS', ask: 'GET /downloads/..%2f..%2fhtpasswd' },
  { name: 'an empty icon', at: 'HTTPS', ask: 'GET /favicon.ico' },
  { name: 'a rewrite', at: 'HTTPS', ask: 'GET /old/a/b?c=d' },
  { name: 'the status', at: 'HTTPS', ask: 'GET /status' },
  { name: 'a method that is none', at: 'HTTPS', ask: 'FETCH /about' },
  { name: 'http to the port of https', at: 'HTTPS', host: 'plain', ask: 'GET /' },

  { name: 'the blog', at: 'BLOG', ask: 'GET /' },
  { name: 'an article', at: 'BLOG', ask: 'GET /2023/11/a%20title/?page=2' },
  {
    name: 'an article that is posted',
    at: 'BLOG',
    ask: 'POST /wp/post',
    fields: [FORM],
    body: 'title=a&b=%20',
  },
  { name: 'a script by its name', at: 'BLOG', ask: 'GET /index.php?a=b' },
  { name: 'a path after a script', at: 'BLOG', ask: 'GET /index.php/a/b?c' },
  { name: 'a script that is not there', at: 'BLOG', ask: 'GET /none.php' },
  { name: 'a script that redirects', at: 'BLOG', ask: 'GET /moved.php' },
  { name: 'a script that says it is gone', at: 'BLOG', ask: 'GET /gone.php' },
  { name: 'a script that dies', at: 'BLOG', ask: 'GET /fatal.php' },
  { name: 'a file beside the scripts', at: 'BLOG', ask: 'GET /readme.html' },
  { name: 'its .htaccess', at: 'BLOG', ask: 'GET /.htaccess' },
  { name: 'a head of a script', at: 'BLOG', ask: 'HEAD /index.php' },
  { name: 'a body over the limit', at: 'BLOG', ask: 'POST /', fields: [FORM], body: 'x'.repeat(70_000) },

  {
    name: 'the application',
    at: 'APP',
    ask: 'GET /a%20b/?c=%20',
    fields: ['X-Forwarded-For: 10.0.0.1', 'Cookie: a=1', 'X_Under: 1'],
  },
  { name: 'a post', at: 'APP', ask: 'POST /items', fields: [FORM], body: 'a=b' },
  { name: 'a body of 40 KiB', at: 'APP', ask: 'PUT /items', fields: [FORM], body: 'x'.repeat(40_960) },
  { name: 'its redirect', at: 'APP', ask: 'GET /redirect' },
  { name: 'its file', at: 'APP', ask: 'GET /static/app.js', fields: ['Accept-Encoding: gzip'] },
  { name: 'a file of it that is not there', at: 'APP', ask: 'GET /static/none.js' },
  { name: 'a path that is put in its place', at: 'APP', ask: 'GET /api/users?id=1' },
  { name: 'an error in its place', at: 'APP', ask: 'GET /api/boom' },
  { name: 'what has no Host', at: 'APP', host: '', ask: 'GET /' },
  { name: 'a first login', at: 'APP', ask: 'POST /login', fields: [FORM], body: 'u=1' },
  { name: 'a second login', at: 'APP', ask: 'POST /login', fields: [FORM], body: 'u=2' },
  { name: 'a third login', at: 'APP', ask: 'POST /login', fields: [FORM], body: 'u=3' },
  { name: 'a login too many', at: 'APP', ask: 'POST /login', fields: [FORM], body: 'u=4' },
  {
    name: 'a web socket',
    at: 'APP',
    ask: 'GET /live/room',
    fields: ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
  },
  { name: 'the web socket without an upgrade', at: 'APP', ask: 'GET /live/room' },
]

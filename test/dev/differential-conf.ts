/** One conf with the forms of locations that there are, for `portico` and `portico dev`. */

export function differentialConf(port: number, upstream: number): string {
  return `
app echo { entry echo.ts; }
events { worker_connections 256; }
http {
  types { text/html html; text/css css; application/javascript js; image/svg+xml svg; application/json json; }
  default_type application/octet-stream;
  charset utf-8;
  access_log off;
  map $arg_kind $chosen { default other; a first; b second; }
  upstream pair { server 127.0.0.1:${upstream}; server 127.0.0.1:${upstream} backup; }
  server {
    listen 127.0.0.1:${port};
    server_name localhost;
    root site;
    index index.html index.htm;
    error_page 404 /errors/404.html;
    error_page 403 = @forbidden;
    client_max_body_size 4k;
    location / { try_files $uri $uri/ =404; }
    location = /exact { return 200 "exact\\n"; }
    location = /index.html { add_header X-Index yes; }
    location ^~ /assets/ { root site; expires 1h; }
    location /img { alias site/pictures; }
    location /files/ { alias site/pictures/; autoindex on; }
    location ~ ^/user/([a-z]+)/(?<id>\\d+)$ { return 200 "$1 $id $chosen\\n"; }
    location ~* \\.(css|js)$ { add_header X-Kind "$1"; add_header Cache-Control "max-age=60"; }
    location /nested/ {
      add_header X-Level 1;
      location /nested/deep/ { root site; add_header X-Level 2; }
      location ~ \\.json$ { default_type text/plain; add_header X-Level 3 always; }
    }
    location /old { return 301 /new; }
    location /see { return 303 $scheme://$host/other?$args; }
    location /gone { return 410; }
    location /quiet { return 204; }
    location /teapot { return 418 "short and stout"; }
    location /rewritten/ { rewrite ^/rewritten/(.*)$ /assets/$1 last; }
    location /moved/ { rewrite ^/moved/(.*)$ /assets/$1 permanent; }
    location /stay/ { rewrite ^/stay/(.*)$ /pictures/$1 break; }
    location /if { if ($arg_go) { return 302 /gone-to-$arg_go; } return 200 "not gone"; }
    location /internal { internal; }
    location /readonly { limit_except GET { deny all; } return 200 "read"; }
    location /private { auth_basic "who"; auth_basic_user_file users; try_files /a.txt =404; }
    location /denied { deny all; }
    location @forbidden { return 200 "forbidden, said kindly"; }
    location /fallback/ { try_files $uri /a.txt; }
    location /named/ { try_files $uri @echo; }
    location @echo { app_pass echo; }
    location /app { app_pass echo; }
    location /sub { sub_filter hello goodbye; sub_filter_types *; alias site/a.txt; }
    location /zip { gzip on; gzip_types *; gzip_min_length 1; alias site/long.txt; }
    location /slow { limit_rate 1m; alias site/long.txt; }
    location /empty { empty_gif; }
    location /up/ { proxy_pass http://127.0.0.1:${upstream}/; proxy_set_header X-Real $remote_addr; }
    location /same/ { proxy_pass http://127.0.0.1:${upstream}; proxy_set_header Host $host; }
    location /group/ { proxy_pass http://pair/from/; proxy_hide_header X-Secret; }
    location /var/ { proxy_pass http://127.0.0.1:${upstream}$request_uri; }
    location /caught/ { proxy_pass http://127.0.0.1:${upstream}/; proxy_intercept_errors on; error_page 401 /errors/50x.html; error_page 500 503 =502 /errors/50x.html; }
    location /put/ { proxy_pass http://127.0.0.1:${upstream}/; proxy_method PUT; proxy_set_body "set by conf"; }
    location /dead/ { proxy_pass http://127.0.0.1:1/; error_page 502 /errors/50x.html; }
    location /cookies/ { proxy_pass http://127.0.0.1:${upstream}/cookie/; proxy_cookie_path / /cookies/; proxy_cookie_domain up.example here.example; }
    location /accel/ { proxy_pass http://127.0.0.1:${upstream}/accel/; }
    location /protected/ { internal; alias site/pictures/; }
    location /ssi { ssi on; alias site/page.shtml; ssi_types *; }
    location = /mirror { mirror /up/mirrored; app_pass echo; }
    location = /authorized { auth_request /up/allow; app_pass echo; }
    location = /unauthorized { auth_request /up/status/403; app_pass echo; }
  }
  server {
    listen 127.0.0.1:${port};
    server_name second.example *.third.example;
    absolute_redirect off;
    location / { return 200 "second: $host\\n"; }
    location /dir { alias site/assets/; }
    location /r { return 302 /there; }
    location /p { root site/pictures; try_files /one.svg =404; }
  }
}
`
}

/** An application that tells what it was called with. */
const ECHO = `const hidden = new Set(['REMOTE_PORT', 'REQUEST_ID', 'HTTP_CONNECTION', 'PORTICO_TRACE'])
export async function application(environ, startResponse) {
  const body = await environ['wsgi.input'].read()
  if (environ.PATH_INFO.endsWith('/redirect')) {
    startResponse('302 Found', [['Location', '/landing?x=1']])
    return []
  }
  if (environ.PATH_INFO.endsWith('/stream')) {
    startResponse('200 OK', [['Content-Type', 'text/plain']])
    return (async function* () { for (const part of ['one ', 'two ', 'three']) yield Buffer.from(part) })()
  }
  if (environ.PATH_INFO.endsWith('/accel')) {
    startResponse('200 OK', [['X-Accel-Redirect', '/protected/one.svg'], ['Set-Cookie', 'a=1']])
    return []
  }
  if (environ.PATH_INFO.endsWith('/empty')) {
    startResponse('304 Not Modified', [['ETag', '"x"']])
    return []
  }
  const lines = Object.keys(environ).filter((name) => /^[A-Z_]+$/.test(name) && !hidden.has(name)).sort()
    .map((name) => name + '=' + environ[name])
  startResponse('200 OK', [['Content-Type', 'text/plain'], ['X-Echo', 'yes'], ['X-Twice', '1'], ['X-Twice', '2']])
  return [Buffer.from(lines.join('\\n') + '\\n' + body.toString())]
}
`

export const FILES: Readonly<Record<string, string>> = {
  'echo.ts': ECHO,
  users: 'ann:{PLAIN}secret\n',
  'site/index.html': '<h1>home</h1>\n',
  'site/a.txt': 'hello\n',
  'site/long.txt': 'a long line of text\n'.repeat(500),
  'site/page.shtml': '<!--#echo var="uri" -->\n',
  'site/.hidden': 'dotfile\n',
  'site/with space.txt': 'space\n',
  'site/caf\u00e9.txt': 'accents\n',
  'site/100%.txt': 'percent\n',
  'site/assets/app.css': 'p{}\n',
  'site/assets/app.js': 'x()\n',
  'site/assets/index.html': 'assets\n',
  'site/pictures/one.svg': '<svg/>\n',
  'site/pictures/empty.svg': '',
  'site/nested/index.html': 'nested\n',
  'site/nested/data.json': '{}\n',
  'site/nested/deep/index.html': 'deep\n',
  'site/noindex/x.bin': '\u0001\u0002',
  'site/errors/404.html': 'nothing here\n',
  'site/errors/50x.html': 'broken\n',
}

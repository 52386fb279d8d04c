/** The content of `http { }` that both servers run for the body filters, and the files under it. */
import { gzipSync } from 'node:zlib'

/** `%FILES%` and `%PORT%` stand for what each server has of its own. */
export const FILTERS_CONF = String.raw`
  types { text/html html htm; text/plain txt; text/css css; }
  default_type application/octet-stream;
  access_log logs/access.log;
  root %FILES%;
  charset_map koi8-r utf-8 { C0 D18E; C1 D0B0; C2 D0B1; B3 D081; }
  charset_map windows-1251 koi8-r { E0 C1; E1 C2; A8 B3; }
  map $arg_charset $asked { default koi8-r; utf utf-8; same windows-1251; none ""; }

  server {
    listen 127.0.0.1:%PORT% default_server;
    server_name filters.test;

    location /ssi/ { ssi on; set $own mine; }
    location /ssi-silent/ { alias %FILES%/ssi/; ssi on; ssi_silent_errors on; }
    location /ssi-dated/ { alias %FILES%/ssi/; ssi on; ssi_last_modified on; }
    location /ssi-text/ { alias %FILES%/ssi/; ssi on; ssi_types text/plain; }
    location /ssi-short/ { alias %FILES%/ssi/; ssi on; ssi_value_length 10; }
    location /ssi-gz/ { alias %FILES%/ssi/; ssi on; gzip on; gzip_min_length 1; }
    location /ssi/plain/ { ssi off; alias %FILES%/plain/; }
    location /ssi/echo { ssi on; default_type text/html; return 200 '<!--#echo var="args" --><!--#echo var="own" default="no" -->'; }
    location /ssi/refused { return 403; }
    location /ssi/loop { ssi on; default_type text/html; return 200 'l<!--#include virtual="/ssi/loop" -->'; }

    location /sub/ {
      sub_filter "letter" "LETTER";
      sub_filter "<P>" "<b>";
      sub_filter $arg_find "[$arg_put]";
      sub_filter_types text/plain;
    }
    location /sub-all/ {
      alias %FILES%/sub/;
      sub_filter_once off;
      sub_filter_last_modified on;
      sub_filter_types *;
      sub_filter aa 1;
      sub_filter ab 2;
      sub_filter abc 3;
      sub_filter a 4;
      sub_filter "\n" "|";
    }
    location /sub-gz/ { alias %FILES%/sub/; gzip on; gzip_min_length 1; sub_filter letter LETTER; }

    location /add/ { add_before_body /plain/before.html; add_after_body /plain/after.html; }
    location /add-one/ { alias %FILES%/add/; add_after_body /plain/none.html; addition_types text/plain; }
    location /add-both/ {
      alias %FILES%/add/; add_before_body /ssi/vars.html; add_after_body /sub/page.html; gzip on; gzip_min_length 1;
      ssi on; sub_filter body BODY;
    }

    location /cs/ { charset utf-8; alias %FILES%/plain/; ssi on; }
    location /cs/off/ { charset off; alias %FILES%/plain/; }
    location /cs/redirect { charset utf-8; return 302 /; }
    location /cs/typed { charset koi8-r; default_type "text/html; charset=utf-8"; return 200 typed; }
    location /cs/other { charset koi8-r; default_type image/x-own; return 200 typed; }
    location /cs/override { charset koi8-r; override_charset on; default_type "text/html; charset=utf-8"; return 200 typed; }
    location /cs-types/ { alias %FILES%/sub/; charset utf-8; charset_types text/css; }
    location /cs-to/ { alias %FILES%/charset/; charset utf-8; source_charset koi8-r; gzip on; gzip_min_length 1; }
    location /cs-from/ { alias %FILES%/charset/; charset koi8-r; source_charset utf-8; }
    location /cs-byte/ { alias %FILES%/charset/; charset koi8-r; source_charset windows-1251; }
    location /cs-back/ { alias %FILES%/charset/; charset windows-1251; source_charset koi8-r; }
    location /cs-var/ { alias %FILES%/charset/; charset $asked; source_charset windows-1251; }
    location /cs-ssi/ { alias %FILES%/charset/; charset utf-8; ssi on; source_charset koi8-r; }
    location /cs-part/ { alias %FILES%/charset/; source_charset koi8-r; }

    location /fields/ {
      alias %FILES%/plain/;
      add_header X-Host $host;
      add_header X-Always "a $args" always;
      add_header X-Empty $arg_none always;
      add_header Cache-Control private;
      add_header Link "<a>";
      add_header Link "<b>";
      location /fields/inner/ { alias %FILES%/plain/; add_header X-Inner 1; }
      location /fields/none/ { alias %FILES%/plain/; expires off; }
    }
    location /fields-own/ {
      alias %FILES%/plain/;
      add_header ETag '"own"';
      add_header Last-Modified "Thu, 01 Jan 2015 00:00:00 GMT";
    }
    location /fields-cleared/ { alias %FILES%/plain/; add_header ETag ""; add_header Last-Modified ""; }
    location /fields-odd/ { alias %FILES%/plain/; add_header ETag 'odd'; add_header Last-Modified "then"; gzip on; gzip_min_length 1; }
    location /trailers/ {
      alias %FILES%/plain/;
      add_trailer X-Sent $body_bytes_sent;
      add_trailer X-Always $status always;
      add_trailer X-Empty $arg_none always;
    }
    location /trailers-ssi/ { alias %FILES%/ssi/; ssi on; add_trailer X-End end; }
    location /expires/hour { expires 1h; return 200 x; }
    location /expires/past { expires -1; return 200 x; }
    location /expires/zero { expires 0; return 200 x; }
    location /expires/max { expires max; return 200 x; }
    location /expires/epoch { expires epoch; return 200 x; }
    location /expires/var { expires $arg_e; return 200 x; }
    location /expires/day { expires @00h00m; return 204; }
    location /expires/404 { expires 1h; return 404; }
    location /expires-modified/ { alias %FILES%/plain/; expires modified 1h; }
    location /expires-far/ { alias %FILES%/plain/; expires modified 10000d; }
    location /expires-own/ { expires 1h; proxy_pass http://127.0.0.1:%PORT%/expires-app/; }
    location /expires-app/ { add_header Expires then; add_header Cache-Control no-store; add_header Cache-Control private; return 200 app; }

    location /uid/ { alias %FILES%/plain/; userid log; userid_name id; add_header X-Uid "$uid_got|$uid_set|$uid_reset"; }
    location /uid-mark/ {
      alias %FILES%/plain/;
      userid on;
      userid_name id;
      userid_mark a;
      userid_domain example.com;
      userid_path /x;
      userid_expires max;
      userid_flags secure samesite=lax;
      userid_p3p 'CP="x"';
      add_header X-Uid "$uid_got|$uid_set";
    }
    location /uid-kept/ { alias %FILES%/plain/; userid v1; userid_name id; add_header X-Uid "$uid_got|$uid_set"; }

    location = /browser { modern_browser msie 5.5; modern_browser gecko 1.0.0; modern_browser safari 413; ancient_browser Links Lynx; modern_browser_value yes; return 200 "$modern_browser|$ancient_browser|$msie"; }
    location = /browser-unlisted { modern_browser unlisted; ancient_browser netscape4 Lynx; ancient_browser_value old; return 200 "$modern_browser|$ancient_browser|$msie"; }
    location = /browser-none { return 200 "$modern_browser|$ancient_browser|$msie"; }

    location /mirrored/ { alias %FILES%/plain/; mirror /plain/a.html; mirror /plain/none.html; }

    location /random/ { random_index on; }
    location /random-none/ { alias %FILES%/random/empty/; random_index on; }

    location /gzs/ { gzip_static on; }
    location /gzs-vary/ { alias %FILES%/gzs/; gzip_static on; gzip_vary on; }
    location /gzs-always/ { alias %FILES%/gzs/; gzip_static always; gzip_vary on; }
    location /gzs-gunzip/ { alias %FILES%/gzs/; gzip_static always; gunzip on; gzip_vary on; }
    location /gzs-proxied/ { alias %FILES%/gzs/; gzip_static on; gzip_proxied any; gzip_http_version 1.0; }
  }
`

const SSI: Readonly<Record<string, string>> = {
  'vars.html':
    '<!--#set var="x" value="val<ue" --><!--#echo var="x" -->,<!--#echo var="x" encoding="none" -->,' +
    '<!--#echo var="x" -->,<!--#echo var="x" encoding="url" -->,<!--#echo var="none" -->,' +
    '<!--#echo var="none" default="d&" -->,<!--#echo var="own" -->,<!--#echo var=\'arg_a\' default="" -->\n',
  'escapes.html':
    '<!--#set var="a" value="1" --><!--#set var="b" value="$a\\$a \\"${a}b\\\\ \\n$ar$a" --><!--#echo var="b" encoding="none" -->\n',
  'if.html':
    '<!--#set var="v" value="abc" -->' +
    '<!--#if expr="$v" -->1<!--#else -->no<!--#endif -->' +
    '<!--#if expr="$none" -->no<!--#else -->2<!--#endif -->' +
    '<!--#if expr="$v = abc" -->3<!--#endif --><!--#if expr="$v != abc" -->no<!--#elif expr="$v = x" -->no<!--#elif expr="$v=abc" -->4<!--#else -->no<!--#endif -->' +
    '<!--#if expr="$v = /^a(.)(?P<last>c)$/" -->5<!--#echo var="1" --><!--#echo var="2" --><!--#echo var="last" --><!--#endif -->' +
    '<!--#if expr="$v != /x/" -->6<!--#endif --><!--#if expr="abc = $v" -->7<!--#endif --><!--#if expr="$v = \\/a" -->no<!--#endif -->' +
    '<!--#if expr="ABC = abc" -->8<!--#endif --><!--#if expr="" -->no<!--#endif --><!--#if expr=" " -->no<!--#endif -->\n',
  'nested.html': '<!--#if expr="1" --><!--#if expr="1" -->a<!--#endif -->b<!--#endif -->c\n',
  'branch.html':
    '<!--#if expr="" --><!--#if expr="1" -->a<!--#unknown --><!--#endif -->b<!--#echo var="x" -->c\n',
  'errors.html':
    'a<!--#nothing -->b<!--#echo -->c<!--#echo var="a" var="b" -->d<!--#echo var="a" what="b" -->e<!--#else -->f<!--#endif -->' +
    'g<!--#include -->h<!--#include virtual="/a" file="b" -->i<!--#include file="x" wait="yes" -->j<!--#include virtual="/a" wait="maybe" -->' +
    'k<!--#include virtual="/../a" -->l<!--#include virtual="/ssi/plain/a.html" stub="none" -->m<!--#echo var=x -->n<!--#echo v-ar="x" -->' +
    'o<!--#echo var="x"y -->p<!--#echo var -->q<!--#echo var="x" - ->r-->s<!--#if expr="a ~ b" -->t<!--#endif -->u<!--#if expr="a = /(/" -->v' +
    `<!--#set var="x" value="$" -->w<!--#set var="x" value="\${a" -->x<!--#config errmsg="[oops]" --><!--#nothing -->y<!--#${'n'.repeat(40)} -->z\n`,
  'not.html': '<<!--<!-- #echo var="a" --><!-<!--#echo var="none" --><!--\n',
  'open.html': 'a<!--#echo var="x"',
  'cut.html': 'a<!--',
  'date.html':
    '<!--#config timefmt="%Y-%m" --><!--#echo var="date_gmt" --> <!--#config timefmt="" --><!--#config timefmt="%s" --><!--#if expr="$date_gmt = $date_local" -->same<!--#endif -->\n',
  'include.html':
    '1<!--#include virtual="plain/a.html" -->2<!--#include virtual="/ssi/plain/b.html?x=1" -->3<!--#include file="plain/a.html" -->4' +
    '<!--#include virtual="/ssi/plain/none.html" -->5<!--#include virtual="/ssi/vars.html?a=arg" wait="yes" -->6<!--#echo var="x" encoding="none" -->7' +
    '<!--#include virtual="/ssi/pl%61in/a.html" -->8<!--#include virtual="/ssi/refused" -->9\n',
  'set.html':
    '<!--#include virtual="/ssi/plain/a.html" set="one" -->[<!--#echo var="one" encoding="none" -->]' +
    '<!--#include virtual="/ssi/plain/none.html" set="two" -->[<!--#echo var="two" -->][<!--#echo var="three" -->]' +
    '<!--#include virtual="/ssi/empty.html" set="one" -->[<!--#echo var="one" encoding="none" -->]\n',
  'stub.html':
    '<!--#set var="x" value="late" --><!--#block name="one" --><b>stub <!--#echo var="x" --></b><!--#endblock -->' +
    '[<!--#include virtual="/ssi/plain/none.html" stub="one" -->][<!--#include virtual="/ssi/plain/a.html" stub="one" -->]' +
    '[<!--#include virtual="/ssi/refused" stub="one" -->][<!--#include virtual="/ssi/plain/empty.html" stub="one" -->]\n',
  'args.html': '<!--#include virtual="/ssi/echo?from=$arg_a&$x" -->|<!--#include virtual="$arg_b" -->\n',
  'order.html': '<!--#include virtual="/ssi/later.html" --><!--#set var="x" value="seen" -->\n',
  'later.html': '<!--#echo var="x" default="unseen" -->\n',
  'deep.html': 'a<!--#include virtual="include.html" -->b<!--#include virtual="stub.html" -->c\n',
  'loop.html': '<!--#include virtual="/ssi/loop" -->\n',
  'long.html': '<!--#echo var="0123456789abc" --><!--#echo var="none" default="0123456789" -->\n',
  'text.txt': '<!--#echo var="none" -->\n',
  'empty.html': '',
}

/** Text that makes many pieces of a large file: what is looked for crosses their edges. */
const LARGE = 'ab<!--#echo var="none" -->letter'.repeat(9_000)

export const FILTERS_FILES: Readonly<Record<string, string | Buffer>> = {
  ...Object.fromEntries(Object.entries(SSI).map(([name, content]) => [`ssi/${name}`, content])),
  'ssi/large.html': LARGE,
  'plain/a.html': '<i>a</i>\n',
  'plain/b.html': '<i>b</i>\n',
  'plain/before.html': '<head>\n',
  'plain/after.html': '<foot>\n',
  'plain/empty.html': '',
  'sub/page.html': '<p>letter letter LETTER</p><p>aab</p>\n',
  'sub/text.txt': 'the letter\n',
  'sub/style.css': 'letter',
  'sub/many.txt': 'abcabaaaabxab\nb',
  'sub/large.html': LARGE,
  'sub/empty.html': '',
  'add/page.html': '<body>\n',
  'add/text.txt': 'text\n',
  'add/empty.html': '',
  'charset/text.html': Buffer.from('a\xc1\xc2\xb3\xd0\xb0\xe0\xe1\xa8\xff&\n', 'latin1'),
  'charset/utf.html': 'a\u0430\u0431\u0401\u044e \u00e9 \u4e16 \u{1f600} z\n',
  'charset/broken.html': Buffer.from('a\xd0\xd0\xb0\xe2\x82x\xf0\x9f\n\xff\xd0', 'latin1'),
  'charset/page.html':
    '<!--#include virtual="/cs-part/text.html" -->|<!--#include virtual="/plain/a.html" -->\n',
  'charset/large.html': '\u0430\u0431b'.repeat(30_000),
  'random/one.html': 'one',
  'random/.hidden': 'no',
  'random/sub/x': 'x',
  'random/empty/.keep': '',
  'gzs/page.html': 'plain page\n',
  'gzs/page.html.gz': gzipSync('coded page\n'),
  'gzs/only.html.gz': gzipSync('coded only\n'),
  'gzs/folder.html': 'plain\n',
  'gzs/folder.html.gz/x': '',
}

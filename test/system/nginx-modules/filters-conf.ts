/** The content of `http { }` that both servers run for the body filters, and the files under it. */
import { gzipSync } from 'node:zlib'

/** `%FILES%` and `%PORT%` stand for what each server has of its own. */
export const FILTERS_CONF = String.raw`
  types { text/html html htm; text/plain txt; text/css css; }
  default_type application/octet-stream;
  access_log logs/access.log;
  root %FILES%;

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

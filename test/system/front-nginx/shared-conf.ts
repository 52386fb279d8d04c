/** The content of `http { }` that both servers run, and the files under it. */

/** `%FILES%`, `%PORT%` and `%PORT2%` stand for what each server has of its own. */
export const SHARED_CONF = String.raw`
  types {
    text/html html htm;
    text/css css;
    text/plain txt;
    application/javascript js;
    application/json json;
    image/png png;
  }
  default_type application/octet-stream;
  access_log logs/access.log;
  root %FILES%;

  server {
    listen 127.0.0.1:%PORT% default_server;
    server_name first.test;
    client_max_body_size 1k;

    location / { }
    location = /exact { return 200 "exact"; }
    location = / { return 200 "root"; }
    location /prefix { return 200 "prefix"; }
    location /prefix/longer { return 200 "longer"; }
    location ^~ /final { return 200 "final"; }
    location ^~ /final/sub/ { return 200 "final sub"; }
    location ~ \.re$ { return 200 "regex"; }
    location ~* \.RECASE$ { return 200 "caseless regex"; }
    location ~ ^/cap/(\w+)/(\d*)$ { return 200 "1=$1 2=$2 3=$3"; }
    location ~ \.first$ { return 200 "first of two"; }
    location ~ irs { return 200 "second of two"; }

    location /nest {
      return 200 "outer";
      location /nest/in { return 200 "inner prefix"; }
      location = /nest/exact { return 200 "inner exact"; }
      location ~ \.in$ { return 200 "inner regex"; }
      location /nest/deep {
        return 200 "deep";
        location ~ \.deep$ { return 200 "deep regex"; }
      }
    }
    location /nestre { location ~ \.re$ { return 200 "nested before outer regex"; } return 200 "nestre"; }
    location ~ ^/rn/ {
      return 200 "outer regex";
      location ~ \.x$ { return 200 "regex in regex"; }
    }
    location ^~ /fnest { return 200 "fnest"; location ~ \.re$ { return 200 "regex inside final"; } }

    location /alias/ { alias %FILES%/dir/; }
    location /aliasfile { alias %FILES%/a.txt; }
    location ~ ^/aliasre/(.*)$ { alias %FILES%/dir/$1; }
    location /off { alias %FILES%/dir/; }
    location /other/ { root %FILES%/dir; }
    location /vroot/ { root %FILES%/$arg_d; }

    location /noindex/ { root %FILES%; index none.html; }
    location /idx2/ { alias %FILES%/dir/; index none.html index.html; }
    location /idxabs/ { alias %FILES%/dir/; index none.html /a.txt; }

    location /try/ { try_files $uri $uri/ /fallback.html; }
    location /trydir { try_files $uri/ =404; }
    location /try404/ { try_files $uri =404; }
    location /try403/ { try_files $uri =403; }
    location /trynamed/ { try_files $uri @named; }
    location /tryargs/ { try_files $uri /echo?x=$uri&$args; }
    location /tryplain/ { try_files /a.txt =404; }
    location /trycode/ { try_files $uri =204; }
    location /tryalias/ { alias %FILES%/dir/; try_files $uri /a.txt; }
    location /trymiss/ { try_files $uri @nowhere; }
    location /tryloop/ { try_files /nope /tryloop/again; }
    location @named { return 200 "named uri=$uri args=$args"; }
    location = /echo { return 200 "uri=$uri args=$args request_uri=$request_uri"; }
    location /vars { return 200 "m=$request_method u=$uri d=$document_uri a=$args q=$query_string i=$is_args h=$host sp=$server_protocol sc=$scheme sn=$server_name ct=$content_type cl=$content_length ua=$http_user_agent x=$http_x_y ck=$cookie_a ar=$arg_x rf=$request_filename dr=$document_root r=$request ra=$remote_addr"; }

    location /ret/200 { return 200; }
    location /ret/200t { return 200 "text"; }
    location /ret/200e { return 200 ""; }
    location /ret/201 { return 201 "made"; }
    location /ret/204 { return 204; }
    location /ret/204t { return 204 "text"; }
    location /ret/301 { return 301 /a.txt; }
    location /ret/301abs { return 301 http://other.test/x; }
    location /ret/302 { return 302 /b?$args; }
    location /ret/303 { return 303 /a.txt; }
    location /ret/307 { return 307 /a.txt; }
    location /ret/308 { return 308 /a.txt; }
    location /ret/302rel { return 302 rel; }
    location /ret/302none { return 302; }
    location /ret/304 { return 304; }
    location /ret/url { return http://other.test/$arg_x; }
    location /ret/400 { return 400; }
    location /ret/400t { return 400 "bad"; }
    location /ret/401 { return 401; }
    location /ret/402 { return 402; }
    location /ret/403 { return 403; }
    location /ret/404 { return 404; }
    location /ret/404t { return 404 "own text"; }
    location /ret/405 { return 405; }
    location /ret/408 { return 408; }
    location /ret/409 { return 409; }
    location /ret/410 { return 410; }
    location /ret/411 { return 411; }
    location /ret/412 { return 412; }
    location /ret/413 { return 413; }
    location /ret/414 { return 414; }
    location /ret/415 { return 415; }
    location /ret/416 { return 416; }
    location /ret/418 { return 418; }
    location /ret/421 { return 421; }
    location /ret/429 { return 429; }
    location /ret/444 { return 444; }
    location /ret/494 { return 494; }
    location /ret/497 { return 497; }
    location /ret/499 { return 499; }
    location /ret/500 { return 500; }
    location /ret/501 { return 501; }
    location /ret/502 { return 502; }
    location /ret/503 { return 503; }
    location /ret/504 { return 504; }
    location /ret/505 { return 505; }
    location /ret/507 { return 507; }
    location /ret/599 { return 599; }
    location /ret/777 { return 777; }
    location /ret/777t { return 777 "lucky"; }
    location /ret/type { default_type text/x-own; return 200 "typed"; }
    location /ret/enc { return 302 /a$uri; }

    location /rw/last/ { rewrite ^/rw/last/(.*)$ /echo last; }
    location /rw/break/ { rewrite ^/rw/break/(.*)$ /$1 break; }
    location /rw/plain/ { rewrite ^/rw/plain/(.*)$ /echo?r=$1; }
    location /rw/noargs/ { rewrite ^/rw/noargs/(.*)$ /echo?r=$1? last; }
    location /rw/redir/ { rewrite ^/rw/redir/(.*)$ /x/$1 redirect; }
    location /rw/perm/ { rewrite ^/rw/perm/(.*)$ /x/$1 permanent; }
    location /rw/url/ { rewrite ^/rw/url/(.*)$ http://other.test/$1; }
    location /rw/urlq/ { rewrite ^/rw/urlq/(.*)$ http://other.test/$1?a=b; }
    location /rw/redirq/ { rewrite ^/rw/redirq/(.*)$ /x/$1?k=v redirect; }
    location /rw/redirnoq/ { rewrite ^/rw/redirnoq/(.*)$ /x/$1? redirect; }
    location /rw/loop/ { rewrite ^/rw/loop/(.*)$ /rw/loop/x$1 last; }
    location /rw/two/ { rewrite ^/rw/two/a(.*)$ /rw/two/b$1; rewrite ^/rw/two/b(.*)$ /echo?two=$1 last; }
    location /rw/none/ { rewrite ^/nomatch$ /echo; return 200 "not rewritten"; }
    location /rw/then/ { rewrite ^ /echo; return 200 "returned $uri"; }
    location /rw/brk/ { rewrite ^ /rw/brk2/ break; return 200 "never"; }
    location /rw/brk2/ { return 200 "brk2"; }
    location /rw/break2/ { break; return 200 "never"; }
    location /rw/set/ { set $a "x$uri"; set $b "$a-$a"; return 200 "a=$a b=$b"; }
    location /rw/setargs/ { rewrite ^/rw/setargs/(.*)/(.*)$ /echo?one=$1&two=$2 last; }
    location /rw/empty/ { rewrite ^ $arg_none; }
    location /rw/noslash/ { rewrite ^ echo; }
    location /rw/dots/ { rewrite ^ /a/../a.txt break; }

    location /int/ { internal; return 200 "internal uri=$uri"; }
    location /toint { error_page 404 /int/page; return 404; }
    location /intx/ { internal; error_page 404 /int/nope; }

    location /ep/ {
      error_page 404 /errors/404.html;
      error_page 403 =200 /errors/404.html;
      error_page 405 = /errors/404.html;
      error_page 410 =302 http://other.test/gone;
      error_page 500 502 503 504 http://other.test/$status;
      error_page 409 @named;
      error_page 411 =222 @named;
      error_page 412 /errors/missing.html;
      error_page 416 /errors/404.html;
      error_page 418 /echo?from=$uri;
      error_page 429 =301 /errors/404.html;
      error_page 413 /errors/404.html;
      location /ep/403 { return 403; }
      location /ep/405 { return 405; }
      location /ep/410 { return 410; }
      location /ep/500 { return 500; }
      location /ep/409 { return 409; }
      location /ep/411 { return 411; }
      location /ep/412 { return 412; }
      location /ep/416/ { alias %FILES%/; }
      location /ep/418 { return 418; }
      location /ep/429 { return 429; }
      location /ep/413 { client_max_body_size 3; return 200 "fits"; }
    }
    location /epnone { error_page 404 @nowhere; return 404; }
    location /eploop { error_page 404 /eploop2; return 404; }
    location /eploop2 { return 404; }
    location /ep301 { error_page 301 =200 /errors/404.html; return 301 /x; }

    location /hdr/ {
      alias %FILES%/;
      add_header X-Plain plain;
      add_header X-Var "v=$request_method";
      add_header X-Always yes always;
      add_header X-Empty "";
      add_header Cache-Control "no-store";
      location /hdr/none { add_header X-Inner inner; return 200 "inner"; }
      location /hdr/redir { return 302 /x; }
      location /hdr/lm { add_header Last-Modified ""; return 200 "x"; }
    }
    location /hdrlm/ { alias %FILES%/; add_header Last-Modified "Mon, 01 Jan 2001 00:00:00 GMT"; }
    location /hdretag/ { alias %FILES%/; add_header ETag "x"; }
    location /exp/max/ { alias %FILES%/; expires max; }
    location /exp/epoch/ { alias %FILES%/; expires epoch; }
    location /exp/neg/ { alias %FILES%/; expires -1; }
    location /exp/zero/ { alias %FILES%/; expires 0; }
    location /exp/off/ { alias %FILES%/; expires off; }
    location /exp/err { expires max; return 404; }
    location /exp/cc/ { alias %FILES%/; expires max; add_header Cache-Control public; }

    location /type/none/ { alias %FILES%/; types { } default_type application/x-none; }
    location /type/own/ { alias %FILES%/; types { application/x-txt txt; } }
    location /type/charset/ { alias %FILES%/; charset utf-8; }
    location /type/ret { default_type text/html; charset utf-8; return 200 "x"; }
    location /type/css.css { return 200 "body{}"; }
    location /type/empty/ { alias %FILES%/; default_type ""; types { } }

    location /etagoff/ { alias %FILES%/; etag off; }
    location /imsoff/ { alias %FILES%/; if_modified_since off; }
    location /imsbefore/ { alias %FILES%/; if_modified_since before; }
    location /noranges/ { alias %FILES%/; max_ranges 0; }
    location /oneranges/ { alias %FILES%/; max_ranges 1; }
    location /ka0 { keepalive_timeout 0; return 200 "x"; }
    location /kahdr { keepalive_timeout 60 30; return 200 "x"; }
    location /pass/ { fastcgi_pass unix:%FILES%/nobody.sock; }
    location /pass2 { return 200 "pass2"; }
    location /pass2/ { fastcgi_pass unix:%FILES%/nobody.sock; }
    location = /pass3 { return 200 "exact pass3"; }
    location /pass3/ { fastcgi_pass unix:%FILES%/nobody.sock; }
    location /pass4/ { uwsgi_pass unix:%FILES%/nobody.sock; location /pass4/in/ { fastcgi_pass unix:%FILES%/nobody.sock; } }
    location ~ ^/pass5 { return 200 "regex pass5"; }
    location /pass5/ { fastcgi_pass unix:%FILES%/nobody.sock; }
    location /pass6/ { error_page 502 =200 /exact; fastcgi_pass unix:%FILES%/nobody.sock; }
    location /pass7/ { error_page 502 @named; fastcgi_pass unix:%FILES%/nobody.sock; }
    location /slash/only/ { return 200 "slash only"; }
    location /body0 { client_max_body_size 0; return 200 "any"; }
    location /static0/ { alias %FILES%/; client_max_body_size 0; }
  }

  server {
    listen 127.0.0.1:%PORT%;
    server_name example.test www.example.test;
    location / { return 200 "example"; }
  }
  server {
    listen 127.0.0.1:%PORT%;
    server_name *.wild.test;
    location / { return 200 "*.wild"; }
  }
  server {
    listen 127.0.0.1:%PORT%;
    server_name *.deep.wild.test;
    location / { return 200 "*.deep.wild"; }
  }
  server {
    listen 127.0.0.1:%PORT%;
    server_name .dot.test;
    location / { return 200 ".dot"; }
  }
  server {
    listen 127.0.0.1:%PORT%;
    server_name mail.* mail.some.*;
    location / { return 200 "mail.*"; }
  }
  server {
    listen 127.0.0.1:%PORT%;
    server_name ~^re(\d+)\.test$;
    location / { return 200 "regex server $1"; }
  }
  server {
    listen 127.0.0.1:%PORT%;
    server_name ~^RE.*\.test$ exact.wild.test;
    location / { return 200 "second regex server"; }
  }
  server {
    listen 127.0.0.1:%PORT%;
    server_name rewriting.test;
    rewrite ^/old/(.*)$ /new/$1;
    rewrite ^/moved$ /new permanent;
    rewrite ^/err$ /page;
    set $from "server";
    location / { return 200 "uri=$uri from=$from"; }
    location /new { return 200 "new uri=$uri args=$args"; }
    location /fail { error_page 404 /err; return 404; }
    location /page { return 200 "page"; }
  }
  server {
    listen 127.0.0.1:%PORT%;
    server_name returning.test;
    return 200 "server return $uri";
    location / { return 200 "never"; }
  }
  server {
    listen 127.0.0.1:%PORT%;
    server_name nolocation.test;
    index a.txt;
    error_page 404 /errors/404.html;
  }
  server {
    listen 127.0.0.1:%PORT%;
    server_name redirecting.test alias.redirecting.test;
    server_name_in_redirect on;
    port_in_redirect off;
    location /go { return 302 /there; }
  }

  server {
    listen 127.0.0.1:%PORT2% default_server;
    server_name second.test;
    server_tokens off;
    merge_slashes off;
    absolute_redirect off;
    underscores_in_headers on;
    ignore_invalid_headers off;
    large_client_header_buffers 2 1k;
    client_header_buffer_size 1k;
    keepalive_requests 3;
    chunked_transfer_encoding off;
    location / { }
    location /a { return 200 "uri=$uri"; }
    location /ret/302 { return 302 /b; }
    location /ret/404 { return 404; }
    location /hdr { return 200 "x=$http_x_y"; }
  }
`

/** Under `%FILES%`. */
export const SHARED_FILES: Readonly<Record<string, string>> = {
  'a.txt': 'The quick brown fox jumps over the lazy dog.\n',
  'empty.txt': '',
  'page.html': '<p>page</p>\n',
  'style.css': 'p{}\n',
  'UPPER.TXT': 'upper\n',
  noext: 'no extension\n',
  'two.tar.gz': 'not really\n',
  '.hidden': 'hidden\n',
  'a b.txt': 'blank\n',
  'p%20q.txt': 'percent\n',
  'caf\u00e9.txt': 'utf-8 name\n',
  'q?.txt': 'question\n',
  'h#.txt': 'hash\n',
  'plus+.txt': 'plus\n',
  'fallback.html': 'fallback\n',
  'errors/404.html': 'own 404 page\n',
  'dir/index.html': 'index of dir\n',
  'dir/file.txt': 'file in dir\n',
  'dir/sub dir/x.txt': 'x\n',
  'other/o.txt': 'outer o\n',
  'dir/other/o.txt': 'o\n',
  'vd/vroot/v.txt': 'v\n',
  'noindex/x.txt': 'x\n',
  'try/there.txt': 'there\n',
  'try/dir/index.html': 'index of try/dir\n',
  'trydir/index.html': 'index of trydir\n',
  'try404/there.txt': 'there\n',
  'big.bin': '0123456789'.repeat(20_000),
  'mid.bin': '0123456789abcdef'.repeat(1000),
  'emptydir/.keep': '',
  'secret.txt': 'secret\n',
}

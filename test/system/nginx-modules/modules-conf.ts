/** The content of `http { }` that both servers run for the modules, and the files under it. */

/** `%FILES%` and `%PORT%` stand for what each server has of its own. */
export const MODULES_CONF = String.raw`
  types { text/html html htm; text/plain txt; text/css css; application/json json; image/gif gif; }
  default_type application/octet-stream;
  access_log logs/access.log;
  root %FILES%;
  etag off;

  map $arg_k $mapped { default other; one 1; "two words" 2; ~^re(?<rest>.*)$ "rest=$rest"; ~*^CASE$ caseless; \default literal; }
  map $arg_h $by_host {
    hostnames;
    default none;
    example.com exact;
    *.example.com sub;
    .both.test both;
    www.example.* prefix;
  }
  map $arg_v $chained { a $mapped; default $arg_d; }
  map $uri $volatile_uri { volatile; ~last last; default first; }
  map $uri $kept_uri { ~last last; default first; }
  geo $arg_ip $net {
    default outside;
    127.0.0.0/8 loop;
    127.0.0.1/32 self;
    10.0.0.0/8 ten;
    10.1.0.0/16 ten-one;
    192.168.1.1 host;
    delete 10.1.0.0/16;
    2001:db8::/32 doc;
  }
  geo $mine { default no; 127.0.0.1 yes; }
  geo $arg_ip $range { ranges; default outside; 10.0.0.0-10.0.0.255 a; 10.0.0.128-10.0.0.200 b; 10.0.1.0-10.0.1.0 c; }
  geo $proxied { default direct; proxy 127.0.0.1; 10.0.0.0/8 ten; 192.168.0.0/16 private; }
  geo $proxied_recursive { default direct; proxy 127.0.0.1; proxy 192.168.0.0/16; proxy_recursive; 10.0.0.0/8 ten; 192.168.0.0/16 private; }
  split_clients $arg_s $split { 25% a; 25.5% b; 0.5% c; * d; }
  split_clients $arg_s $split_open { 10% a; }

  limit_req_zone $arg_key zone=req:1m rate=1r/m;
  limit_conn_zone $arg_key zone=conn:1m;

  server {
    listen 127.0.0.1:%PORT% default_server;
    server_name ~^(?<sub>[a-z]+)\.named\.test$ modules.test;

    location = /map { return 200 "$mapped|$by_host|$chained|$sub"; }
    location = /volatile { set $x "$volatile_uri$kept_uri"; rewrite ^ /volatile-last; }
    location = /volatile-last { return 200 "$x $volatile_uri $kept_uri"; }
    location = /geo { return 200 "$net|$mine|$range"; }
    location = /proxied { return 200 "$proxied|$proxied_recursive"; }
    location = /split { return 200 "$split|$split_open|"; }
    location ~ ^/named/(?<part>\w+)/(?<Other>.*)$ { return 200 "$part $other $1 $2"; }

    location /if/ {
      if ($arg_a) { return 200 "a is set"; }
      if ($arg_b = x) { return 200 "b is x"; }
      if ($arg_c != x) { set $c "c is not x"; }
      if ($arg_d ~ ^(\d+)-(\d+)$) { return 200 "$1 $2"; }
      if ($arg_e ~* ^ABC$) { return 200 "abc"; }
      if ($arg_f !~ .) { set $f "no f"; }
      if ($arg_g !~* ^ABC$) { set $g "not abc"; }
      return 200 "$c|$f|$g|$1";
    }
    location /if-file/ {
      if (-f $request_filename) { return 200 file; }
      if (-d $request_filename) { return 200 directory; }
      if (!-e $request_filename) { return 200 nothing; }
      return 200 other;
    }
    location /if-x/ { if (-x $request_filename) { return 200 executable; } return 200 plain; }
    location /if-settings/ {
      add_header X-Where outer;
      if ($arg_a) { add_header X-Where inner; }
      if ($arg_b) { set $unused 1; }
      try_files /a.txt =404;
    }
    location /if-last/ {
      if ($arg_a) { rewrite ^ /map?k=one last; }
      if ($arg_b) { rewrite ^/if-last/(.*)$ /$1 break; }
      if ($arg_c) { break; }
      if ($arg_c) { return 200 "not reached"; }
      if ($arg_e) { error_page 403 = /a.txt; return 403; }
      return 404;
    }
    location /if-root/ { if ($arg_a) { root %FILES%/dir; } }
    location /named-if/ { if ($uri ~ ^/named-if/(?<word>\w+)) { return 200 "word=$word"; } return 200 "none"; }

    location /limited/ {
      limit_except GET POST { deny all; }
      return 200 "let through";
    }
    location /limited-files/ {
      alias %FILES%/;
      limit_except GET { deny all; }
    }

    location /deny/ { deny all; return 200 "rewrite comes first"; }
    location /denied { deny 127.0.0.1; allow all; }
    location /allowed/ { alias %FILES%/; allow 127.0.0.0/8; deny all; }
    location /allowed-other/ { allow 10.0.0.0/8; allow ::1; deny all; }
    location /deny-page/ { error_page 403 /a.txt; deny all; }
    location /access-inherit/ { deny all; location /access-inherit/in { allow 10.0.0.0/8; try_files /a.txt =404; } }

    location /auth/ { alias %FILES%/; auth_basic "the realm"; auth_basic_user_file %FILES%/users; }
    location /auth-schemes/ { alias %FILES%/; auth_basic x; auth_basic_user_file %FILES%/schemes; }
    location /auth-off/ { alias %FILES%/; auth_basic $arg_realm; auth_basic_user_file %FILES%/users; }
    location /auth-missing/ { auth_basic x; auth_basic_user_file %FILES%/no-such-file; }
    location /satisfy-any/ {
      alias %FILES%/;
      satisfy any;
      deny all;
      auth_basic any;
      auth_basic_user_file %FILES%/users;
    }
    location /satisfy-allow/ {
      alias %FILES%/;
      satisfy any;
      allow 127.0.0.1;
      deny all;
      auth_basic any;
      auth_basic_user_file %FILES%/users;
    }
    location /satisfy-all/ {
      alias %FILES%/;
      allow all;
      auth_basic all;
      auth_basic_user_file %FILES%/users;
    }

    location /asked/ {
      alias %FILES%/;
      auth_request /asks;
      auth_request_set $asked $sent_http_x_asked;
      add_header X-Asked "$asked" always;
    }
    location = /asks {
      add_header X-Asked "uri=$uri args=$args method=$request_method" always;
      if ($http_x_want = 200) { return 200; }
      if ($http_x_want = 204) { return 204; }
      if ($http_x_want = 401) { return 401; }
      if ($http_x_want = 403) { return 403; }
      if ($http_x_want = 302) { return 302 /x; }
      if ($http_x_want = 500) { return 500; }
      return 404;
    }
    location /asked-files/ { alias %FILES%/; auth_request /a.txt; }
    location /asked-any/ { alias %FILES%/; satisfy any; auth_request /asks; auth_basic any; auth_basic_user_file %FILES%/users; }
    location /secure/ {
      secure_link $arg_md5,$arg_expires;
      secure_link_md5 "$secure_link_expires$uri secret";
      return 200 "[$secure_link] [$secure_link_expires]";
    }
    location /secure-plain/ {
      secure_link $arg_md5;
      secure_link_md5 "$uri secret";
      return 200 "[$secure_link] [$secure_link_expires]";
    }
    location /p/ { secure_link_secret word; return 200 "[$secure_link]"; }

    location /referer/ {
      valid_referers none blocked server_names *.example.com example.* www.example.org/galleries/ ~\.google\.;
      return 200 "[$invalid_referer]";
    }
    location /referer-few/ { valid_referers example.com; return 200 "[$invalid_referer]"; }
    location /referer-no/ { return 200 "[$invalid_referer]"; }

    location = /empty.gif { empty_gif; }

    location /real/ {
      set_real_ip_from 127.0.0.1;
      alias %FILES%/;
      add_header X-Addr "$remote_addr $realip_remote_addr";
    }
    location /real-xff/ {
      set_real_ip_from 127.0.0.0/8;
      set_real_ip_from 192.168.0.0/16;
      real_ip_header X-Forwarded-For;
      alias %FILES%/;
      add_header X-Addr "$remote_addr $remote_port";
      deny 10.6.6.6;
    }
    location /real-recursive/ {
      set_real_ip_from 127.0.0.1;
      set_real_ip_from 192.168.0.0/16;
      real_ip_header X-Forwarded-For;
      real_ip_recursive on;
      alias %FILES%/;
      add_header X-Addr "$remote_addr $remote_port";
    }
    location /real-untrusted/ { set_real_ip_from 10.0.0.1; alias %FILES%/; add_header X-Addr $remote_addr; }

    location /gz/ { alias %FILES%/gz/; gzip on; gzip_vary on; gzip_types text/plain; etag on; }
    location /gz-proxied/ { alias %FILES%/gz/; gzip on; gzip_proxied expired no-cache auth; gzip_http_version 1.0; }
    location /gz-no/ { alias %FILES%/gz/; gzip on; gzip_min_length 100k; gzip_disable "Old"; }
    location /gz-disabled/ { alias %FILES%/gz/; gzip on; gzip_disable "Old|Ancient"; }
    location /gz-404/ { gzip on; }
    location /gz-return/ { gzip on; gzip_types *; return 200 "the same again and again, the same again and again"; }

    location /list/ { autoindex on; }
    location /list-round/ { alias %FILES%/list/; autoindex on; autoindex_exact_size off; autoindex_localtime on; }
    location /list-json/ { alias %FILES%/list/; autoindex on; autoindex_format json; }
    location /list-jsonp/ { alias %FILES%/list/; autoindex on; autoindex_format jsonp; }
    location /list-xml/ { alias %FILES%/list/; autoindex on; autoindex_format xml; }
    location /limit-req/ { alias %FILES%/; limit_req zone=req; add_header X-Limit $limit_req_status always; }
    location /limit-req-status/ { alias %FILES%/; limit_req zone=req burst=1 nodelay; limit_req_status 429; }
    location /limit-req-dry/ { alias %FILES%/; limit_req zone=req; limit_req_dry_run on; add_header X-Limit $limit_req_status always; }
    location /limit-conn/ { alias %FILES%/; limit_conn conn 1; add_header X-Limit $limit_conn_status always; }
    location /rate/ { alias %FILES%/gz/; limit_rate 100k; limit_rate_after 1k; }
    location /rate-set/ { alias %FILES%/gz/; limit_rate 1; set $limit_rate 1m; add_header X-Rate $limit_rate; }
  }
`

/** Made by `htpasswd`: every password is `secret`. */
const USERS = `plain:{PLAIN}secret
sha:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=
apr:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/
des:abNANd1rDfiNc:comment
none:
`

/** Made by htpasswd and mkpasswd of Debian 12: every password is `secret word`. */
const SCHEMES = `apr1:$apr1$9Ss3IxLI$kSUnzOcd55zwF7/eptltY/
bcrypt:$2y$05$dtjUJngYQKCYwHqMP.KIEeciDmHlZ2lhON2/60ArYtCqqwiytqd5e
des:DqtP/1QarbVkQ
sha:{SHA}PDUC6jG3V40qqE4XqHRFLkyoMVM=
bare:secret word
sha512:$6$beQY0.I/wpvYVMku$gXBKUq2X7BN3cbQ1dkYIYc8UbwQTUMnD6ZhvU/E/j0gFxU3R5z8ZA0Ni.Otxd.SSmaZAh1aWee2b7/rYqKDUL1
sha512-rounds:$6$rounds=12000$hanXlkgH5VhHSC/h$O/ZdXToIc1RhHCE4FaUQBrV70vVK7P57hQBZJn/iAS.iqWrwIcJCn9RU4iTQLGtznA8V2aoyN/dUl06K6ws22/
sha256:$5$qgyJOe7ouz5nUDfT$EdoqCX8shB1YGETkMlXgF.ckIAg5V8eOhITGB/I1W73
sha256-rounds:$5$rounds=1500$2rySNpdF72N1s/lo$xAnD3d0uKjFtwQnt2dFoJTzknPnqh/LbsnAsJJbZyi7
scrypt:$7$CU..../....x0XHd/JkdLRcJFiuADgoG1$jmsp/HvlL5OcXixwcGm7mw2msTymwH5e/PAF3TEN1H1
yescrypt:$y$j9T$Izz3nci1lvlFjxrg5qh7z/$s0gIMLku8yfLAFq1lW3YI5C7upV1ssn9Xs/ajsbtwM6
unknown:$unknown$salt$digest
`

export const MODULES_FILES: Readonly<Record<string, string>> = {
  'a.txt': 'the letter a\n',
  'dir/index.html': '<p>index</p>\n',
  'dir/if-root/x.txt': 'x in dir\n',
  'if-file/f.txt': 'f\n',
  'if-file/sub/x.txt': 'x\n',
  'if-x/plain.txt': 'x\n',
  users: USERS,
  schemes: SCHEMES,
  'list/b.txt': 'b',
  'list/A & <b> "c".txt': 'quotes',
  'list/.hidden': 'x',
  'list/with space?#%.txt': 'x'.repeat(10_000),
  [`list/${'long'.repeat(20)}.txt`]: 'x'.repeat(1600),
  'list/exactly-fifty-characters-in-all-with-the-ending.txt': 'x',
  'list/gr\u00fc\u00dfe-\u4e16\u754c.txt': 'x'.repeat(123_456),
  'list/tab\there:colon.txt': 'x',
  'list/sub/x.txt': 'x',
  'gz/page.html': `<p>${'words and more words '.repeat(200)}</p>\n`,
  'gz/text.txt': 'text '.repeat(100),
  'gz/data.json': `{"a":"${'b'.repeat(500)}"}`,
  'gz/tiny.html': '<p>\n',
  'gz/big.html': `<p>${'0123456789abcdef '.repeat(12_000)}</p>\n`,
}

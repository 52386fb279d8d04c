/** The content of `http { }` that both servers run for the core, and the files under it. */

/** `%FILES%`, `%PORT%` and `%PORT2%` stand for what each server has of its own. The second begins with PROXY. */
export const CORE_CONF = String.raw`
  types { text/html html htm; text/plain txt; }
  default_type application/octet-stream;
  access_log logs/access.log;
  root %FILES%;
  etag off;

  map $request_body_file $has_file { default no; ~^/.*/[0-9.]+$ yes; }

  server {
    listen 127.0.0.1:%PORT% default_server;
    server_name core.test;
    recursive_error_pages off;
    add_header X-Uri $uri;

    location /keep/ {
      keepalive_requests 3;
      location = /keep/more { keepalive_requests 100; return 200; }
      location = /keep/zero { keepalive_timeout 0; return 200; }
      location = /keep/fields { keepalive_timeout 5s 9s; return 200; }
      location = /keep/safari { keepalive_disable safari; return 200; }
      location = /keep/none { keepalive_disable none; return 200; }
      location = /keep/taken { keepalive_timeout 0; error_page 404 /keep/more; return 404; }
      return 200;
    }

    location = /page/url { error_page 302 http://example.com/; return 302 first; }
    location = /page/return { error_page 302 /page/second; return 302 first; }
    location = /page/rewrite { error_page 302 /page/rewritten; return 302 first; }
    location = /page/folder { error_page 302 /dir; return 302 first; }
    location = /page/text { error_page 302 /page/ok; return 302 first; }
    location = /page/second { return 302 "http://example.com/$args"; }
    location = /page/rewritten { rewrite ^ http://example.com/; }
    location /recursive/ {
      recursive_error_pages on;
      error_page 404 /recursive/second;
      location = /recursive/second { error_page 403 =402 /recursive/third; return 403; }
      location = /recursive/third { return 200 third; }
      location = /recursive/loop { error_page 404 /recursive/loop; return 404; }
      location = /recursive/off { recursive_error_pages off; return 404; }
    }
    location = /page/ok { return 200 text; }

    location ~ ^/alias-regex/(?<rest>.*)$ { alias %FILES%/dir; try_files $uri /$rest =404; }
    location ~ ^/alias-folder { alias %FILES%/dir; try_files /sub/ =404; }
    location ~ ^/alias-whole/(?<whole>.*)$ { alias %FILES%/$whole; }
    location /alias-nested/ {
      alias %FILES%/;
      location ~ nested-txt$ { try_files /alias-nested/a.txt =404; }
      location ~ txt$ { }
      location /alias-nested/root/ { root %FILES%/dir; try_files /a.txt =404; }
      location /alias-nested/dir/ { try_files $uri /a.txt =404; }
    }
    location /alias-rewritten/ { alias %FILES%/; rewrite ^/alias-rewritten/(.*)$ /dir/$1 break; }
    location /named-file { return 200 "$document_root|$request_filename"; }
    location /rewritten/break { rewrite ^ /page/ok; break; return 200 "$uri"; }

    location = /up { return 200 up; }
    location /body/ {
      client_body_buffer_size 1k;
      client_max_body_size 20k;
      proxy_pass http://127.0.0.1:%PORT%/up;
      proxy_set_header Host core.test;
      add_header X-Body $request_body;
      add_header X-Has-File $has_file;
      location /body/file { client_body_in_file_only clean; proxy_pass http://127.0.0.1:%PORT%/up; }
      location /body/single { client_body_in_single_buffer on; proxy_pass http://127.0.0.1:%PORT%/up; }
      location /body/unread { return 200 "$request_body|$request_body_file"; }
    }
    location = /rate { set $limit_rate $arg_rate; return 200 "$limit_rate"; }
    location /log/ { log_not_found off; }
    location = /arg { return 200 "$arg_|$arg_a|$http_|$cookie_|$sent_http_x"; }
    location = /expires { expires 1h; add_header Cache-Control public; return 200; }
    location = /max { expires max; return 200; }
  }

  server {
    listen 127.0.0.1:%PORT2% proxy_protocol;
    server_name proxied.test;
    add_header X-From "$proxy_protocol_addr:$proxy_protocol_port" always;
    add_header X-To "$proxy_protocol_server_addr:$proxy_protocol_server_port" always;
    location = /plain { return 200 "$remote_addr"; }
    location = /trusted {
      set_real_ip_from 127.0.0.1;
      real_ip_header proxy_protocol;
      try_files /nosuch @trusted;
    }
    location @trusted { return 200 "$remote_addr $realip_remote_addr"; }
    location = /port {
      set_real_ip_from 127.0.0.1;
      real_ip_header proxy_protocol;
      try_files /nosuch @port;
    }
    location @port { return 200 "$remote_port"; }
    location = /distrusted {
      set_real_ip_from 10.0.0.0/8;
      real_ip_header proxy_protocol;
      try_files /nosuch @trusted;
    }
  }
`

export const CORE_FILES: Readonly<Record<string, string>> = {
  'a.txt': 'a\n',
  'dir/a.txt': 'dir a\n',
  'dir/b.txt': 'dir b\n',
  'dir/sub/index.html': 'sub index\n',
  'dir/alias-regex/c.txt': 'alias c\n',
}

/**
 * The content of `http { }` that both servers run for `proxy_pass`: they ask themselves, by a socket of their own. The
 * second server is the upstream; what it says is in its locations.
 */
export const UPSTREAM_CONF = String.raw`
  types { text/html html; text/plain txt; }
  default_type text/plain;
  access_log logs/access.log;
  root %FILES%;

  server {
    listen 127.0.0.1:%PORT% default_server;
    server_name modules.test;
    proxy_http_version 1.1;
    proxy_set_header Connection '';

    location /pass/ { proxy_pass http://unix:%FILES%/up-%PORT%.sock:/; }
    location /hide/ { proxy_pass http://unix:%FILES%/up-%PORT%.sock:/; proxy_hide_header X-One; proxy_hide_header etag; proxy_hide_header Last-Modified; }
    location /show/ {
      proxy_pass http://unix:%FILES%/up-%PORT%.sock:/;
      proxy_pass_header X-Pad; proxy_pass_header X-Accel-Expires; proxy_pass_header X-Accel-Limit-Rate;
      proxy_hide_header X-One; proxy_pass_header X-One;
    }
    location /flags/ {
      proxy_pass http://unix:%FILES%/up-%PORT%.sock:/;
      proxy_cookie_flags one secure httponly samesite=strict;
      proxy_cookie_flags ~^tw nosecure nohttponly nosamesite;
      proxy_cookie_flags $arg_name samesite=lax;
      proxy_cookie_domain up.test modules.test;
      proxy_cookie_path /one/ /uno/;
      location /flags/off/ { proxy_cookie_flags off; proxy_pass http://unix:%FILES%/up-%PORT%.sock:/; }
    }
    location /ignore/ {
      proxy_pass http://unix:%FILES%/up-%PORT%.sock:/;
      proxy_ignore_headers X-Accel-Redirect X-Accel-Charset X-Accel-Limit-Rate;
    }
    location /ranges/ { proxy_pass http://unix:%FILES%/up-%PORT%.sock:/; proxy_force_ranges on; }
    location /ranges-kept/ { proxy_pass http://unix:%FILES%/up-%PORT%.sock:/; proxy_force_ranges on; proxy_set_header Range ''; }
    location /ranges-zip/ { proxy_pass http://unix:%FILES%/up-%PORT%.sock:/; proxy_force_ranges on; proxy_set_header Range ''; gzip on; gzip_types *; gzip_min_length 1; }
    location /cached/ { proxy_pass http://unix:%FILES%/up-%PORT%.sock:/; proxy_set_header If-None-Match $http_x_own; }
    location /intercept/ {
      proxy_pass http://unix:%FILES%/up-%PORT%.sock:/; proxy_intercept_errors on;
      error_page 404 =200 /local.txt; error_page 403 /local.txt; error_page 500 @named;
    }
    location @named { add_header X-Upstream $upstream_status; return 200 "named $uri"; }
    location /local.txt { add_header X-Upstream $upstream_status; }
    location /private/ { internal; alias %FILES%/; add_header X-Then $upstream_status; }
    location /again/ { internal; proxy_pass http://unix:%FILES%/up-%PORT%.sock:/; add_header X-Two $upstream_status; }
    location /seen/ {
      proxy_pass http://unix:%FILES%/up-%PORT%.sock:/;
      add_header X-Status $upstream_status;
      add_header X-Field $upstream_http_x_one; add_header X-Cookie $upstream_cookie_one;
      add_header X-Cache "[$upstream_cache_status]"; add_header X-Trailer "[$upstream_trailer_x]";
    }
    location /method/ { proxy_pass http://unix:%FILES%/up-%PORT%.sock:/; proxy_method $arg_m; }
    location /unbuffered/ { proxy_pass http://unix:%FILES%/up-%PORT%.sock:/; proxy_buffering off; proxy_request_buffering off; }
    location /body/ { proxy_pass http://unix:%FILES%/up-%PORT%.sock:/; proxy_pass_request_body off; proxy_set_header Content-Length ''; }
    location /stream/ { proxy_pass http://unix:%FILES%/up-%PORT%.sock:/; proxy_request_buffering off; client_max_body_size 100; }
    location /bound/ { proxy_pass http://127.0.0.1:%PORT%/who; proxy_bind 127.0.0.5; }
    location /bound-var/ { proxy_pass http://127.0.0.1:%PORT%/who; proxy_bind $arg_from; }
    location /who { return 200 $remote_addr; }
    location /store/ { proxy_pass http://unix:%FILES%/up-%PORT%.sock:/; proxy_store %FILES%/stored-%PORT%/$arg_as; proxy_store_access user:rw group:r all:r; }
    location /stored/ { alias %FILES%/stored-%PORT%/; }
    location /next {
      proxy_pass http://group; proxy_next_upstream error http_503 http_404; proxy_next_upstream_tries 2;
      add_header X-Tries $upstream_status;
    }
    location /none { proxy_pass http://dead; proxy_connect_timeout 1s; add_header X-Tries $upstream_status always; }
  }

  upstream group { server unix:%FILES%/up-%PORT%.sock max_fails=0; server unix:%FILES%/well-%PORT%.sock max_fails=0; }
  upstream dead { server unix:%FILES%/nobody.sock; }

  server {
    listen unix:%FILES%/well-%PORT%.sock;
    location / { return 200 "well $request_method"; }
  }

  server {
    listen unix:%FILES%/up-%PORT%.sock;
    location /plain { add_header X-One 1; add_header X-Pad p; add_header X-Accel-Expires 7; add_header X-Accel-Limit-Rate 0; return 200 "plain\n"; }
    location /cookies {
      add_header Set-Cookie "one=1; Path=/one/; Domain=up.test"; add_header Set-Cookie "two=2; Secure; HttpOnly; SameSite=None";
      add_header Set-Cookie "three=3"; add_header Set-Cookie "four"; return 200 c;
    }
    location /file { alias %FILES%/local.txt; }
    location /no-ranges { max_ranges 0; alias %FILES%/local.txt; }
    location /charset { default_type text/html; add_header X-Accel-Charset koi8-r; return 200 k; }
    location /go { add_header X-Accel-Redirect /private/local.txt; add_header X-One 1; add_header Set-Cookie a=b; add_header Cache-Control no-store; return 200 gone; }
    location /go-named { add_header X-Accel-Redirect @named; return 200 gone; }
    location /go-again { add_header X-Accel-Redirect /again/plain; return 200 gone; }
    location /go-nowhere { add_header X-Accel-Redirect /private/none; return 200 gone; }
    location /403 { return 403; }
    location /404 { return 404; }
    location /500 { return 500; }
    location /echo { return 200 "$request_method [$http_content_length] [$http_transfer_encoding] [$http_if_none_match]"; }
    location /next { return 503; }
  }`

export const UPSTREAM_FILES = { 'local.txt': 'the local file\n' }

/** Files of nginx's own suite that are run against the binary, and how many subtests nginx 1.22.1 passes in each. */

export type Round = 'server' | 'gateway'

export interface SuiteFile {
  readonly name: string
  readonly round: Round
  readonly subtests: number
}

function files(round: Round, text: string): SuiteFile[] {
  return text
    .trim()
    .split(/\n\s*/)
    .map((line) => {
      const [name = '', subtests = ''] = line.split(' ')
      return { name: `${name}.t`, round, subtests: Number(subtests) }
    })
}

export const SUITE_FILES: readonly SuiteFile[] = [
  ...files(
    'server',
    `
    access 14
    access_log 21
    auth_basic 26
    auth_request 21
    autoindex 18
    body 17
    config_dump 15
    error_log 27
    geo 24
    gunzip_static 14
    gzip 10
    headers 30
    http_absolute_redirect 25
    http_error_page 11
    http_expect_100_continue 5
    http_host 39
    http_include 7
    http_keepalive 21
    http_keepalive_shutdown 3
    http_location 16
    http_method 4
    http_server_name 22
    http_try_files 12
    http_uri 21
    http_variables 9
    index 16
    limit_conn 10
    limit_rate 9
    limit_req 8
    limit_req_delay 6
    map 21
    not_modified 15
    proxy_protocol 26
    range 43
    range_clearing 2
    realip 10
    realip_remote_addr 6
    request_id 14
    rewrite 25
    rewrite_set 6
    secure_link 21
    ssl 23
    ssl_certificate 12
    ssl_certificate_chain 5
    ssl_client_escaped_cert 5
    ssl_password_file 5
    ssl_proxy_protocol 20
    ssl_reject_handshake 9
    ssl_session_reuse 10
    ssl_sni 8
    ssl_verify_client 16
    ssl_verify_depth 11
    stub_status 36
    `,
  ),
  ...files(
    'gateway',
    `
    fastcgi 10
    fastcgi_body 7
    fastcgi_keepalive 8
    fastcgi_merge_params 11
    fastcgi_request_buffering 17
    fastcgi_split 3
    fastcgi_variables 5
    http_resolver 39
    http_resolver_cname 13
    proxy 30
    proxy_available 2
    proxy_chunked 5
    proxy_cookie 11
    proxy_duplicate_headers 3
    proxy_intercept_errors 5
    proxy_keepalive 51
    proxy_limit_rate 8
    proxy_max_temp_file_size 6
    proxy_merge_headers 13
    proxy_next_upstream 10
    proxy_pass_request 5
    proxy_redirect 17
    proxy_request_buffering 20
    proxy_set_body 4
    proxy_ssl 9
    proxy_ssl_certificate 7
    proxy_ssl_keepalive 5
    proxy_ssl_name 11
    proxy_store 11
    proxy_unix 7
    proxy_variables 6
    proxy_websocket 28
    scgi 9
    scgi_body 7
    scgi_merge_params 11
    upstream 4
    upstream_hash 17
    upstream_keepalive 13
    upstream_least_conn 4
    upstream_zone 4
    uwsgi 7
    uwsgi_ssl 9
    uwsgi_ssl_verify 8
    worker_shutdown_timeout_proxy_upgrade 4
    `,
  ),
]

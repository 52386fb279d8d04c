/**
 * What confs are made of: directives with what may stand behind them. `<kind>` in an argument is one of the values of
 * that kind; values at the edge of a kind, right or not, are what makes a conf doubtful, as are the arguments that
 * begin with `?`. A table.
 */

export interface Kind {
  readonly sound: readonly string[]
  readonly edge: readonly string[]
}

const NUMBERS = ['', '-1', '+1', '1.5', '0x10', '007', '99999999999999999999', '2147483648', '9223372036854775807', '9223372036854775808', 'x', '1x', '$uri'] // prettier-ignore

export const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['flag', { sound: ['on', 'off'], edge: ['ON', 'Off', 'true', '1', '', 'on off', '$uri'] }],
  ['number', { sound: ['1', '5', '100'], edge: ['0', ...NUMBERS] }],
  ['size', { sound: ['1k', '8k', '64k', '4096', '1m'], edge: ['0', '1K', '1M', '1g', '1G', '1kb', 'k', '9007199254740993k', '8388608g', '8796093022208m', ...NUMBERS] }],
  ['time', { sound: ['1s', '10s', '5m', '1h', '30'], edge: ['250ms', '0', '1d', '1w', '1M', '1y', '1Y', '1m30s', '"1m 30s"', '30s1m', '1ms', '1s1ms', '1s1', '1 s', '99999999y', '1h1h', 's', 'ms', ...NUMBERS] }],
  ['buffers', { sound: ['4 8k', '8 4k', '16 1k'], edge: ['0 8k', '1 8k', '2 4k', '4', '4 0', '4 8k 1', 'x 8k', '4 x', '-4 8k', '4 1g', '4 1'] }],
  ['value', { sound: ['a', '"a b"', '$uri', '$host', '"$scheme://$host"', '${args}x', '$http_x_a', '$arg_b', '$cookie_c', '$1', '/p$is_args$args'], edge: ['$', '${', '${}', '${uri', '$nosuch', '"$"', '$$', '$uri$', '${uri}}', '$a-b', '"a$"', "'$uri'", '$0', '$10', '$_', '$sent_http_', '$http_', '$arg_', '$upstream_http_', '""', '$time_local', '$upstream_addr', '$ssl_cipher', '$proxy_host', '$realip_remote_addr', '$binary_remote_addr', '$limit_rate', '$URI', '$Host', '\\$uri'] }],
  ['word', { sound: ['a', 'b-c', 'x.y', '"q r"'], edge: ['""', "''", '"', 'a"b', "a'b", '"a"b', 'a\\ b', 'a\\;b', '\\', '"\\"', 'a\\"b', '"a\\\\b"', '#', 'a#b', '{', '}', 'a{b', 'a}b', ';', '"a\nb"', "'a\\'b'", '\xe9', '\x01', '$', '!', '~', '@a'] }],
  ['uri', { sound: ['/', '/a', '/a/b', '/a.html', '/a?b=c', '/a$uri'], edge: ['=404', '@n', 'a', '', '=x', '=1000', '=99', '=', '@', '/a b', '"/a b"', '/../..', '/%zz', '$nosuch', 'http://127.0.0.1/'] }],
  ['prefix', { sound: ['/', '/a', '/a/', '/ab', '/b.c', '"/d e"', '/A'], edge: ['a', '', '""', '/a//b', '/%41', '/../a', '@n', '@', '~', '~ a', '~* \\.php$', '~ (', '= /a', '=/a', '^~ /a', '^~/a', '=/a b', '! /a', '"~ a"', '~^/x{2}', '"~^/x{2}"', '~a', '$uri', '/a{', '* /a'] }],
  ['regex', { sound: ['^/a', '\\.php$', '^/(\\w+)/(.*)$', '(?<own>a)', '"a{2}"', '^(?:b|c)$', '[a-z]+'], edge: ['(', '[', ')', '*', '+a', 'a**', 'a{2}', '"a{2"', '"a{2,1}"', '\\', '(?<n>a)(?<n>b)', '(?P<p>a)', "(?'q'a)", '(?<1>a)', '(?<=a)b', '(?<=a+)b', '\\p{L}', '\\Q(\\E', '(?R)', '\\1', '(a)\\2', '(?i)A', '[[:alpha:]]', '[[:nosuch:]]', '"[z-a]"', '\\x{110000}', '\\c', '(?#', '(*UTF8)a', '(?>a)', 'a++', '\\K', '(?|a|b)', '""', '\\N{U+41}', '\\o{8}'] }],
  ['name', { sound: ['a.test', 'b.test', '*.c.test', '.d.test', 'www.e.*', '_', '""'], edge: ['f.test:80', '*', '*.', '.', '..', 'a..b', 'a.*.b', 'a*', '*a', '*.*', 'a.*', '~^x', '~', '~(', '~(?<own>.+)', 'a/b', '$hostname', '"a b"', '\xe9.test', 'A.TEST', 'a.test.', '*.a.test.', '.a.*', '[::1]', '-'] }],
  ['listen', { sound: ['127.0.0.1:8901', '127.0.0.1:8902', '8903', '*:8904', '[::1]:8905', 'unix:l.sock'], edge: ['127.0.0.1:8906 default_server', '127.0.0.1:8907 backlog=64', 'localhost:8908', '0', '65535', '65536', '-1', '127.0.0.1', '127.0.0.1:', ':8901', '*', '*:', '[::]:8909', '[::', '[]:80', '[::1]', '[::1]:', '::1', '127.0.0.1:8901 ssl', '127.0.0.1:8901 default', '127.0.0.1:8901 nosuch', '127.0.0.1:8901 backlog=0', '127.0.0.1:8901 backlog=', '127.0.0.1:8901 rcvbuf=1x', '127.0.0.1:8901 bind deferred', '127.0.0.1:8901 so_keepalive=1m:2m:3', '127.0.0.1:8901 so_keepalive=::', '127.0.0.1:8901 reuseport', '127.0.0.1:8901 proxy_protocol', '127.0.0.1:8901 ipv6only=on', '[::1]:8905 ipv6only=on', 'unix:', 'unix:l.sock:', 'unix:l.sock backlog=5', 'unix:l.sock bind', 'unix:l.sock reuseport', '8901-8903', '8903-8901', '127.0.0.1:08901', '127.0.0.1:+80', '0x1F90', '127.1:8901', '127.0.0.1:8901:1', 'http://127.0.0.1:8901', '127.0.0.1:8901/', '127.0.0.256:8901', '127.0.0.1:8901 fastopen=3', '127.0.0.1:8901 fastopen=x', '127.0.0.1:8901 default_server default_server', '127.0.0.1:8901 backlog=1 backlog=2', '127.0.0.1:8901 spdy'] }],
  ['peer', { sound: ['127.0.0.1:1', '127.0.0.1', 'unix:/nosuch/a.sock', '127.0.0.1:1 weight=2', '127.0.0.1:1 max_fails=3 fail_timeout=5s', '[::1]:1', '127.0.0.1:1 max_conns=5', '127.0.0.1:1 down'], edge: ['127.0.0.1:0', '127.0.0.1:65536', '127.0.0.1:x', '127.0.0.1:', ':1', 'unix:', '127.0.0.1:1 weight=0', '127.0.0.1:1 weight=', '127.0.0.1:1 weight=x', '127.0.0.1:1 max_fails=-1', '127.0.0.1:1 max_fails=0', '127.0.0.1:1 fail_timeout=x', '127.0.0.1:1 fail_timeout=', '127.0.0.1:1 max_conns=x', '127.0.0.1:1 nosuch', '127.0.0.1:1 backup down', '127.0.0.1:1/a', 'http://127.0.0.1:1', '[::1', '127.0.0.1:1 weight=1 weight=2', '127.0.0.1:1 Backup', '$host'] }],
  ['pass', { sound: ['http://127.0.0.1:1', 'http://u', 'http://$host', 'http://127.0.0.1:1$uri'], edge: ['http://127.0.0.1:1/', 'http://127.0.0.1:1/a', 'http://u/b', 'http://unix:/nosuch/a.sock:/c', '127.0.0.1:1', 'http:/', 'http://', 'http:///a', 'ftp://127.0.0.1', 'HTTP://127.0.0.1:1', 'http://127.0.0.1:0', 'http://127.0.0.1:99999', 'http://127.0.0.1:x', 'http://unix:', 'http://unix:/a', 'http://unix::/a', 'http://u:1', 'http://u:', 'http://[::1]:1', 'http://[::1', '$nosuch', '$scheme://127.0.0.1', 'http://127.0.0.1:1?a', 'u', '""', 'https://127.0.0.1:1'] }],
  ['gateway', { sound: ['127.0.0.1:1', 'unix:/nosuch/a.sock', 'u', '$host'], edge: ['127.0.0.1', '127.0.0.1:0', '127.0.0.1:x', 'unix:', 'u:1', 'http://127.0.0.1:1', '$nosuch', '""', '127.0.0.1:1/', '127.0.0.1:99999', '[::1]:1', '[::1]', 'scgi://127.0.0.1:1', 'uwsgi://127.0.0.1:1'] }],
  ['net', { sound: ['127.0.0.1', '10.0.0.0/8', '2001:db8::/32', 'all', 'unix:'], edge: ['10.0.0.1/8', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '10.0.0', '256.0.0.0', '::/129', '2001:db8::1/32', 'nosuch', '""', '10.0.0.0/08', '10.0.0.0/255.0.0.0', '::ffff:10.0.0.1', '0.0.0.0/0', 'All', 'unix', '1.2.3.4/32 1', ':::', '[::1]'] }],
  ['code', { sound: ['404', '500 502', '403'], edge: ['200', '299', '300', '499', '494', '497', '599', '600', '0', 'x', '404 =', '404 =200', '404 =x', '404 =1000', '404 =99', '=200', '-1', '0404'] }],
  ['status', { sound: ['200', '204', '301', '404', '503', '444'], edge: ['0', '99', '100', '600', '999', '1000', '-1', 'x', '', '20x', '0200', '418', '200 a', '301 /a', '302 http://x/', '404 a b', '/x', 'http://x/', 'https://$host/', '$scheme://x', '$host', '$request_uri'] }],
  ['condition', { sound: ['$uri', '$uri = /a', '$host != b', '$uri ~ ^/a', '$http_x ~* "b c"', '$uri !~ c', '-f $uri', '!-d /a', '-e a'], edge: ['', '$', '$nosuch', '$uri == a', '$uri =', '= a', '$uri = a b', 'uri', '-f', '-q a', '!-q a', '$uri ~ (', '$uri ~', '! $uri', '!$uri', '$uri !~* d', '$uri < a', '$uri ~~ a', '$uri=a', '$uri = ', '-x $nosuch', '"$uri"', '$uri = "a', '$uri ~ a{2}', '$uri ~ "a{2}"', '-f $uri a', '- f a'] }],
  ['var', { sound: ['$own', '$other'], edge: ['$', 'own', '$host', '$uri', '$args', '$limit_rate', '$http_a', '$arg_a', '$1', '$a-b', '$a.b', '${own}', '$uri$own', '""', '$Own', '$remote_addr', '$cookie_a', '$sent_http_a', '$upstream_http_a', '$request_method', '$document_root', '$slice_range', '$_', '$\xe9'] }],
  ['log', { sound: ['off', 'logs/a.log', 'logs/a.log combined', 'logs/a.log combined buffer=4k flush=1s', 'logs/a.log combined if=$uri'], edge: ['nosuch/a.log', 'logs/a.log nosuch', 'logs/a.log combined buffer=0', 'logs/a.log combined buffer=x', 'logs/a.log combined flush=1s', 'logs/a.log combined gzip', 'logs/a.log combined gzip=0', 'logs/a.log combined gzip=10', 'logs/a.log combined if=', 'logs/a.log combined if=a', 'logs/a.log combined if=$nosuch', 'logs/$host.log', 'logs/$nosuch.log', 'off a', 'syslog:', 'syslog:server=', 'syslog:server=127.0.0.1:1,tag=a', 'syslog:server=127.0.0.1:1,tag=a-b', 'syslog:server=127.0.0.1:1,facility=x', 'syslog:server=127.0.0.1:1,severity=x', 'syslog:server=127.0.0.1:1,nohostname', 'syslog:server=127.0.0.1:1,nosuch=1', 'logs/a.log combined buffer=4k buffer=8k', 'logs/a.log combined nosuch'] }],
]) // prettier-ignore

const HSL = 'http server location'
const HS = 'http server'
const HSLI = 'http server location lif'
/** In both blocks that `if` opens. */
const SLI = 'server location sif lif'
const U = 'upstream'

/** Each: name, where it may stand, the arguments to choose from. Those that open a block are the generator's. */
type Row = readonly [name: string, contexts: string, ...args: string[]]

const of = (names: string, contexts: string, ...args: string[]): Row[] =>
  names.split(' ').map((name) => [name, contexts, ...args] as const)

/** The directives that all gateways have under their own names. */
function gateway(name: string): Row[] {
  const own = (rest: string): string => rest.split(' ').map((word) => `${name}_${word}`).join(' ') // prettier-ignore
  return [
    ...of(own('buffering request_buffering ignore_client_abort intercept_errors pass_request_headers pass_request_body'), HSL, '<flag>'),
    ...of(own('connect_timeout send_timeout read_timeout next_upstream_timeout'), HSL, '<time>'),
    ...of(own('buffer_size busy_buffers_size limit_rate max_temp_file_size temp_file_write_size'), HSL, '?<size>'),
    ...of(own('next_upstream_tries'), HSL, '<number>'),
    ...of(own('buffers'), HSL, '<buffers>'),
    ...of(own('hide_header pass_header'), HSL, '<word>'),
    ...of(own('next_upstream'), HSL, 'error timeout', 'http_500 http_503', 'off', '?non_idempotent', '?http_600', '?error <word>', '?off error'),
    ...of(own('ignore_headers'), HSL, 'Expires Cache-Control', 'X-Accel-Redirect', '?Set-Cookie <word>', '?Nosuch'),
    ...of(own('bind'), HSL, 'off', '127.0.0.1', '$remote_addr transparent', '?<net>', '?127.0.0.1 <word>'),
    ...of(own('force_ranges socket_keepalive'), HSL, '<flag>'),
    ...of(own('temp_path'), HSL, 't', 't 1', 't 1 2', 't 1 2 3', '?t 0', '?t 1 2 3 4', '?t x', '?t 4 4 4', '?t 1 <number>'),
  ]
} // prettier-ignore

export const DIRECTIVES: readonly Row[] = [
  ...of('sendfile tcp_nopush tcp_nodelay etag chunked_transfer_encoding log_not_found log_subrequest absolute_redirect port_in_redirect server_name_in_redirect msie_padding recursive_error_pages reset_timedout_connection', HSL, '<flag>'),
  ...of('merge_slashes underscores_in_headers ignore_invalid_headers', HS, '<flag>'),
  ...of('client_body_timeout send_timeout lingering_time lingering_timeout keepalive_time auth_delay resolver_timeout', HSL, '<time>'),
  ...of('client_header_timeout', HS, '<time>'),
  ...of('client_body_buffer_size sendfile_max_chunk postpone_output read_ahead subrequest_output_buffer_size', HSL, '<size>'),
  ...of('client_max_body_size', HSL, '<size>', '1g', '?2G'),
  ...of('client_header_buffer_size', HS, '<size>'),
  ...of('large_client_header_buffers', HS, '<buffers>'),
  ...of('output_buffers', HSL, '?<buffers>'),
  ...of('keepalive_requests max_ranges types_hash_max_size', HSL, '<number>'),
  ...of('keepalive_timeout', HSL, '<time>', '<time> <time>', '?<time> x'),
  ...of('keepalive_disable', HSL, 'none', 'msie6', '?safari <word>'),
  ...of('lingering_close', HSL, 'on', 'always', 'off', '?<word>'),
  ...of('client_body_in_file_only', HSL, 'on', 'clean', 'off', '?<word>'),
  ...of('if_modified_since', HSL, 'exact', 'before', 'off', '?<word>'),
  ...of('satisfy', HSL, 'any', 'all', '?<word>'),
  ...of('server_tokens', HSL, '<flag>', 'build', '?<value>'),
  ...of('root', HSLI, '?<value>', 'html'),
  ...of('alias', 'location', '?<value>', 'html/'),
  ...of('default_type', HSL, '<word>', 'text/plain'),
  ...of('directio', HSL, 'off', '<size>'),
  ...of('aio', HSL, '?<flag>', 'threads', '?threads=default', '?<word>'),
  ...of('error_page', HSLI, '?<code> <uri>', '404 /a', '500 =200 @n'),
  ...of('try_files', 'server location', '<uri> <uri>', '$uri =404', '$uri $uri/ @n'),
  ...of('internal', 'location', ''),
  ...of('index', HSL, 'index.html', '?<value>', '?<value> /a'),
  ...of('resolver', HSL, '127.0.0.1', '127.0.0.1:53 valid=5s', '127.0.0.1 ipv6=off', '?127.0.0.1 ipv6=<word>', '?127.0.0.1 valid=<time>'),
  ...of('server_name', 'server', '<name>', '?<name> <name>', '?<name> <name> <name>'),
  ...of('listen', 'server', '<listen>'),
  ...of('return', SLI, '?<status>', '200 <value>', '301 <value>'),
  ...of('rewrite', SLI, '?<regex> <uri>', '<regex> /$1 last', '<regex> /b?$args redirect', '<regex> http://x/ permanent', '?<regex> <uri> <word>'),
  ...of('set', SLI, '?<var> <value>', '$own <value>'),
  ...of('break', SLI, ''),
  ...of('rewrite_log uninitialized_variable_warn', HSLI, '<flag>'),
  ...of('allow deny', HSL, '<net>'),
  ...of('auth_basic', HSL, 'off', '<value>'),
  ...of('auth_request', HSL, '/a', 'off', '?<uri>'),
  ...of('auth_request_set', HSL, '<var> <value>'),
  ...of('add_header add_trailer', HSLI, 'X-A <value>', 'X-A <value> always', '?X-A <value> <word>', '?<word> a'),
  ...of('expires', HSLI, '<time>', '-1', 'max', 'epoch', 'off', '@15h30m', '?@25h', 'modified <time>', '?modified @1h', '?$own', '?<value>', '?<word>'),
  ...of('access_log', HSL, '<log>'),
  ...of('error_log', HSL, '?logs/e.log <word>', 'logs/e.log warn', 'logs/e.log debug', 'stderr', 'syslog:server=127.0.0.1:1', '?nosuch/e.log'),
  ...of('log_format', 'http', 'own <value>', '?own escape=json <value>', '?own escape=<word> <value>', '?combined a', '?<word> a'),
  ...of('open_log_file_cache', HSL, 'off', 'max=10', 'max=10 inactive=<time>', '?max=<number>', '?inactive=1s', '?max=5 min_uses=<number> valid=<time>', '?max=5 <word>'),
  ...of('open_file_cache', HSL, 'off', 'max=10', 'max=10 inactive=<time>', '?max=<number>', '?inactive=1s', '?max=5 <word>'),
  ...of('open_file_cache_errors', HSL, '<flag>'),
  ...of('open_file_cache_min_uses', HSL, '<number>'),
  ...of('open_file_cache_valid', HSL, '<time>'),
  ...of('gzip', HSLI, '<flag>'),
  ...of('gzip_comp_level', HSL, '1', '9', '?<number>'),
  ...of('gzip_min_length', HSL, '<size>'),
  ...of('gzip_buffers', HSL, '<buffers>'),
  ...of('gzip_types', HSL, 'text/css', '?*', '?text/css text/css', '?text/html', '?<word>'),
  ...of('gzip_http_version', HSL, '1.0', '1.1', '?<word>'),
  ...of('gzip_proxied', HSL, 'any', 'expired no-cache', 'off', '?off any', '?<word>'),
  ...of('gzip_disable', HSL, 'msie6', '<regex>', '?degradation'),
  ...of('gzip_vary gunzip', HSL, '<flag>'),
  ...of('gzip_static', HSL, '<flag>', 'always'),
  ...of('limit_rate limit_rate_after', HSLI, '<size>', '?<value>'),
  ...of('limit_req_zone', 'http', '<value> zone=z:1m rate=5r/s', '?$uri zone=<word>:1m rate=1r/m', '?$uri zone=z:<size> rate=1r/s', '?$uri zone=z:1m rate=<number>r/s', '?$uri zone=z:1m rate=5r/h', '?$uri zone=z rate=1r/s', '$uri rate=1r/s zone=y:1m', '?$uri zone=:1m rate=1r/s', '?$uri zone=z:1m'),
  ...of('limit_req', HSL, '?zone=z', '?zone=z burst=<number>', '?zone=z burst=5 nodelay', '?zone=z delay=<number>', '?burst=5', '?zone=', '?zone=z <word>', '?zone=nosuch'),
  ...of('limit_conn_zone', 'http', '<value> zone=c:1m', '?$uri zone=c:<size>', '?$uri zone=<word>:1m'),
  ...of('limit_conn', HSL, '?c 5', '?c <number>', '?nosuch 5', '?z 5'),
  ...of('limit_req_status limit_conn_status', HSL, '429', '503', '?399', '400', '599', '?600', '?<number>'),
  ...of('autoindex autoindex_exact_size autoindex_localtime', HSL, '<flag>'),
  ...of('autoindex_format', HSL, 'html', 'xml', 'json', '?jsonp', '?<word>'),
  ...of('charset', HSLI, 'off', 'utf-8', '<value>', '?<word>'),
  ...of('sub_filter', HSL, '?<value> <value>', 'a b'),
  ...of('sub_filter_once sub_filter_last_modified', HSL, '<flag>'),
  ...of('sub_filter_types ssi_types addition_types', HSL, 'text/css', '*', '<word>'),
  ...of('ssi', HSLI, '<flag>'),
  ...of('add_before_body add_after_body', HSL, '?<uri>', '""'),
  ...of('mirror', HSL, 'off', '/m', '?<uri>'),
  ...of('mirror_request_body', HSL, '<flag>'),
  ...of('set_real_ip_from', HSL, '<net>'),
  ...of('real_ip_header', HSL, 'X-Real-IP', 'proxy_protocol', '<word>'),
  ...of('real_ip_recursive', HSL, '<flag>'),
  ...of('secure_link secure_link_md5', HSL, '?<value>'),
  ...of('slice', HSL, '?<size>'),
  ...of('userid', HSL, 'on', 'v1', 'log', 'off', '?<word>'),
  ...of('userid_expires', HSL, 'max', 'off', '<time>'),
  ...of('valid_referers', 'server location', 'none', 'none blocked server_names', '*.a.test', '~<regex>', '?<name>'),
  ...of('dav_methods', HSL, 'PUT DELETE', 'off', '?PUT <word>'),
  ...of('dav_access', HSL, 'user:rw group:r', 'all:r', '?user:rwx', '?user:<word>', '?nosuch:r'),
  ...of('min_delete_depth', HSL, '<number>'),
  ...of('create_full_put_path', HSL, '<flag>'),
  ...of('stub_status', 'server location', '', '?on'),
  ...of('empty_gif', 'location', ''),
  ...of('ancient_browser modern_browser', HSL, '?<word>', '?msie 5.0', '?gecko 1.0.0', '?unlisted', '?netscape4', '?msie x'),
  ...of('random_index', 'location', '<flag>'),
  ...of('proxy_pass', 'location', '<pass>'),
  ...of('proxy_set_header', HSL, 'Host <value>', 'X-A <value>', '?<word> a', 'X-A ""'),
  ...of('proxy_redirect', HSL, '?off', '?default', '?<value> <value>', '~<regex> /$1', '~*<regex> /', 'http://a/ /', '?<word>'),
  ...of('proxy_cookie_path proxy_cookie_domain', HSL, 'off', '?<value> <value>', '~<regex> $1', '?<word>'),
  ...of('proxy_cookie_flags', HSL, 'off', 'a secure', '~<regex> httponly samesite=lax', '?a <word>', '?$own nosecure'),
  ...of('proxy_http_version', HSL, '1.0', '1.1', '?<word>'),
  ...of('proxy_method', HSL, 'GET', '<value>'),
  ...of('proxy_set_body', HSL, '<value>'),
  ...of('proxy_ssl_verify proxy_ssl_server_name proxy_ssl_session_reuse', HSL, '<flag>'),
  ...of('proxy_ssl_protocols', HSL, 'TLSv1.2 TLSv1.3', '?TLSv1.2 <word>'),
  ...of('proxy_headers_hash_max_size', HSL, '<number>'),
  ...gateway('proxy'),
  ...of('fastcgi_pass uwsgi_pass scgi_pass', 'location', '<gateway>'),
  ...of('fastcgi_param uwsgi_param scgi_param', HSL, 'A <value>', 'A <value> if_not_empty', '?<word> a', '?A b <word>'),
  ...of('fastcgi_split_path_info', HSL, '^(.+\\.php)(/.+)$', '<regex>'),
  ...of('fastcgi_index', HSL, 'index.php', '<word>'),
  ...of('fastcgi_keep_conn', HSL, '<flag>'),
  ...of('uwsgi_modifier1 uwsgi_modifier2', HSL, '0', '255', '?256', '?<number>'),
  ...gateway('fastcgi').filter(([name]) => !/force_ranges/.test(name)),
  ...gateway('uwsgi'),
  ...of('server', U, '<peer>'),
  ...of('ip_hash least_conn', U, '?'),
  ...of('hash', U, '?<value>', '?$uri consistent', '?$uri <word>'),
  ...of('random', U, '?', '?two', '?two least_conn', '?two <word>', '?<word>'),
  ...of('keepalive keepalive_requests', U, '?<number>'),
  ...of('keepalive_timeout keepalive_time', U, '?<time>'),
  ...of('zone', U, 'uz 64k', '?uz <size>', '?<word> 1m', '?uz'),
  ...of('ssl_protocols', HS, 'TLSv1.2', '?TLSv1.2 <word>', '?SSLv3'),
  ...of('ssl_session_cache', HS, 'off', 'none', 'builtin', 'builtin:1000', 'shared:s:1m', '?shared:s:<size>', '?builtin:<number>', '?shared:s', '?shared::1m', '?<word>'),
  ...of('ssl_session_timeout', HS, '<time>'),
  ...of('ssl_prefer_server_ciphers ssl_session_tickets ssl_stapling ssl_reject_handshake', HS, '?<flag>'),
  ...of('ssl_verify_client', HS, 'off', 'optional_no_ca', '?<word>'),
  ...of('ssl_verify_depth', HS, '<number>'),
  ...of('ssl_buffer_size', HS, '<size>'),
] // prettier-ignore

/** Blocks of entries, in `http`: what stands before them, and their entries. */
export const ENTRY_BLOCKS: readonly (readonly [head: string, ...entries: string[]])[] = [
  ['map <value> <var>', 'default a;', 'a <value>;', '~<regex> $1;', '?*.a.test b;', 'hostnames;', 'volatile;', '?<word> <word>;', '?default b c;', '?include nosuch.map;', '\\default c;'],
  ['map $uri $own', 'default a;', 'a <value>;', '~*<regex> $1;', '?<word> c;'],
  ['geo <var>', 'default a;', '?<net> b;', '127.0.0.1 c;', '10.0.0.0/8 d;', '?ranges;', '?10.0.0.1-10.0.0.5 d;', 'delete 127.0.0.1;', 'proxy 10.0.0.0/8;', 'proxy_recursive;', '?<net> <word>;'],
  ['split_clients <value> <var>', '50% a;', '0.01% b;', '?* c;', '?<number>% d;', '?100.01% e;', '?60% f;'],
  ['types', 'text/a a b;', 'text/b c;', '?<word> <word>;', '?text/a;'],
] // prettier-ignore

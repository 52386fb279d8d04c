/** Directives of the modules, with what is right and what is wrong of each: the material of confs to judge. A table. */

export interface ModuleRow {
  readonly name: string
  /** Arguments, with the block where it has one. */
  readonly good: string
  /** Arguments of the right number that say nothing; undefined where there are none. */
  readonly bad: string | undefined
  /** Places where it may stand, of those that `PLACES` knows. */
  readonly contexts: string
  /** What has to stand in `http` before. */
  readonly before?: string
}

const HSL = 'http server location'
const HSLI = 'http server location if'
const HSLX = 'http server location limit_except'
const HS = 'http server'

function rows(
  module: readonly (readonly [string, string, string | undefined, string, string?])[],
): ModuleRow[] {
  return module.map(([name, good, bad, contexts, before = '']) => ({ name, good, bad, contexts, before }))
}

const CERTIFICATE = 'ssl_certificate own.pem; ssl_certificate_key own.key;'
const REQUESTS = 'limit_req_zone $uri zone=z:1m rate=1r/s;'
const CONNECTIONS = 'limit_conn_zone $uri zone=z:1m;'

export const MODULE_ROWS: readonly ModuleRow[] = rows([
  ['rewrite', '^/a$ /b last', '^/a$ /b never', 'server location if'],
  ['return', '204', 'x', 'server location if'],
  ['set', '$own 1', 'own 1', 'server location if'],
  ['break', '', undefined, 'server location if'],
  ['if', '($uri = /a) { break; }', '($uri ? /a) { break; }', 'server location'],
  ['rewrite_log', 'on', 'x', 'http server location if'],
  ['uninitialized_variable_warn', 'off', 'x', 'http server location if'],
  ['map', '$uri $own { default 1; }', '$uri own { default 1; }', 'http'],
  ['map_hash_max_size', '1024', 'x', 'http'],
  ['map_hash_bucket_size', '64', 'x', 'http'],
  ['geo', '$own { default 1; }', 'own { default 1; }', 'http'],
  ['split_clients', '$uri $own { 50% a; * b; }', '$uri own { * b; }', 'http'],
  ['allow', '192.0.2.0/24', 'nobody', HSLX],
  ['deny', 'all', '192.0.2.0/33', HSLX],
  ['auth_basic', 'realm', '$nosuch', HSLX],
  ['auth_basic_user_file', 'users', '$nosuch', HSLX],
  ['auth_request', '/auth', undefined, HSL],
  ['auth_request_set', '$own $uri', 'own $uri', HSL],
  ['secure_link', '$arg_a,$arg_e', '$nosuch', HSL],
  ['secure_link_md5', '$uri', '$nosuch', HSL],
  ['secure_link_secret', 'word', undefined, 'location'],
  ['autoindex', 'on', 'x', HSL],
  ['autoindex_exact_size', 'off', 'x', HSL],
  ['autoindex_localtime', 'on', 'x', HSL],
  ['autoindex_format', 'json', 'yaml', HSL],
  ['random_index', 'on', 'x', 'location'],
  ['add_header', 'X-Own $uri always', 'X-Own $uri never', HSLI],
  ['add_trailer', 'X-Own $uri always', 'X-Own $uri never', HSLI],
  ['expires', 'modified +1d', 'modified @1h', HSLI],
  ['gzip', 'on', 'x', HSLI],
  ['gzip_min_length', '1k', 'x', HSL],
  ['gzip_comp_level', '6', '10', HSL],
  ['gzip_types', 'text/plain text/css', undefined, HSL],
  ['gzip_vary', 'on', 'x', HSL],
  ['gzip_http_version', '1.0', '2.0', HSL],
  ['gzip_proxied', 'expired no-cache', 'expired never', HSL],
  ['gzip_disable', 'msie6', '[', HSL],
  ['gzip_buffers', '16 8k', '16 x', HSL],
  ['gunzip_buffers', '16 8k', '0 8k', HSL],
  ['gzip_static', 'always', 'x', HSL],
  ['gunzip', 'on', 'x', HSL],
  ['limit_req_zone', '$uri zone=z:1m rate=10r/m', '$uri zone=z:1m rate=10', 'http'],
  ['limit_req', 'zone=z burst=5 nodelay', 'zone=z burst=x nodelay', HSL, REQUESTS],
  ['limit_req_status', '429', '200', HSL],
  ['limit_req_log_level', 'warn', 'debug', HSL],
  ['limit_req_dry_run', 'on', 'x', HSL],
  ['limit_conn_zone', '$uri zone=z:1m', '$uri zone=z:x', 'http'],
  ['limit_conn', 'z 5', 'z 0', HSL, CONNECTIONS],
  ['limit_conn_status', '429', '600', HSL],
  ['limit_conn_log_level', 'info', 'debug', HSL],
  ['limit_conn_dry_run', 'on', 'x', HSL],
  ['limit_rate', '10k', 'x', HSLI],
  ['limit_rate_after', '1m', 'x', HSLI],
  ['access_log', 'logs/a.log combined', 'logs/a.log nosuch', 'http server location if limit_except'],
  ['log_format', 'own escape=json "$uri"', 'own escape=xml "$uri"', 'http'],
  ['error_log', 'logs/e.log warn', 'logs/e.log loud', HSL],
  ['open_log_file_cache', 'max=10 inactive=5s', 'max=0 inactive=5s', HSL],
  ['set_real_ip_from', '192.0.2.0/24', '192.0.2.0/33', HSL],
  ['real_ip_header', 'X-Forwarded-For', undefined, HSL],
  ['real_ip_recursive', 'on', 'x', HSL],
  ['valid_referers', 'none blocked *.example.com', 'none blocked a.*.com', 'server location'],
  ['referer_hash_max_size', '1024', 'x', 'server location'],
  ['referer_hash_bucket_size', '64', 'x', 'server location'],
  ['stub_status', '', undefined, 'server location'],
  ['empty_gif', '', undefined, 'location'],
  ['charset', 'utf-8', '$nosuch', HSLI],
  ['source_charset', 'koi8-r', undefined, HSLI],
  ['override_charset', 'on', 'x', HSLI],
  ['charset_types', 'text/css text/plain', undefined, HSL],
  ['charset_map', 'koi8-r windows-1251 { C0 FE; }', 'koi8-r windows-1251 { C0 XX; }', 'http'],
  ['userid', 'on', 'x', HSL],
  ['userid_service', '7', 'x', HSL],
  ['userid_name', 'uid2', undefined, HSL],
  ['userid_domain', 'example.com', undefined, HSL],
  ['userid_path', '/own', undefined, HSL],
  ['userid_expires', '365d', 'x', HSL],
  ['userid_flags', 'secure httponly', 'secure brittle', HSL],
  ['userid_p3p', 'word', undefined, HSL],
  ['userid_mark', 'A', '!', HSL],
  ['ssl_certificate', 'own.pem', 'missing.pem', HS, 'ssl_certificate_key own.key;'],
  ['ssl_certificate_key', 'own.key', 'missing.key', HS, 'ssl_certificate own.pem;'],
  ['ssl_password_file', 'users', 'missing', HS],
  ['ssl_protocols', 'TLSv1.2 TLSv1.3', 'TLSv1.2 TLSv1.4', HS],
  ['ssl_ciphers', 'HIGH:!aNULL', 'NOSUCH', HS, CERTIFICATE],
  ['ssl_prefer_server_ciphers', 'on', 'x', HS],
  ['ssl_ecdh_curve', 'X25519:prime256v1', 'nosuch', HS, CERTIFICATE],
  ['ssl_dhparam', 'dh.pem', 'missing.pem', HS, CERTIFICATE],
  ['ssl_buffer_size', '4k', 'x', HS],
  ['ssl_verify_client', 'optional_no_ca', 'x', HS],
  ['ssl_verify_depth', '3', 'x', HS],
  ['ssl_client_certificate', 'own.pem', 'missing.pem', HS, CERTIFICATE],
  ['ssl_trusted_certificate', 'own.pem', 'missing.pem', HS, CERTIFICATE],
  ['ssl_crl', 'own.crl', 'missing.crl', HS, CERTIFICATE],
  ['ssl_session_cache', 'shared:own:1m', 'shared:own:x', HS],
  ['ssl_session_tickets', 'off', 'x', HS],
  ['ssl_session_ticket_key', 'ticket.key', 'missing.key', HS, CERTIFICATE],
  ['ssl_session_timeout', '10m', 'x', HS],
  ['ssl_stapling', 'off', 'x', HS],
  ['ssl_stapling_file', 'staple.der', 'missing.der', HS, CERTIFICATE],
  ['ssl_stapling_verify', 'on', 'x', HS],
  ['ssl_stapling_responder', 'http://127.0.0.1/', undefined, HS],
  ['ssl_reject_handshake', 'on', 'x', HS],
  ['ssl_early_data', 'off', 'x', HS],
  ['ssl_conf_command', 'Options PrioritizeChaCha', 'Options Nosuch', HS, CERTIFICATE],
  ['ssl_ocsp', 'off', 'x', HS],
  ['ssl_ocsp_cache', 'off', 'x', HS],
  ['ssl_ocsp_responder', 'http://127.0.0.1/', 'ftp://127.0.0.1/', HS],
])

/** A directive that nginx has only in later versions, or in modules of others: what is said of it is written out. */
export interface LaterRow extends ModuleRow {
  /** What is said of the wrong argument, behind `[emerg] `. */
  readonly refusal: string
}

const flag = (name: string): string => `invalid value "x" in "${name}" directive, it must be "on" or "off"`
const value = (name: string): string => `"${name}" directive invalid value`

export const LATER_ROWS: readonly LaterRow[] = [
  { name: 'add_header_inherit', good: 'merge', bad: 'x', contexts: HSLI, refusal: 'invalid value "x"' },
  { name: 'add_trailer_inherit', good: 'off', bad: 'x', contexts: HSLI, refusal: 'invalid value "x"' },
  { name: 'keepalive_min_timeout', good: '5s', bad: 'x', contexts: HSL, refusal: value('keepalive_min_timeout') },
  { name: 'max_headers', good: '100', bad: 'x', contexts: HS, refusal: '"max_headers" directive invalid number' },
  { name: 'ssl_certificate_compression', good: 'on', bad: 'x', contexts: HS, refusal: flag('ssl_certificate_compression') },
  { name: 'ssl_reject_handshake', good: 'on', bad: 'x', contexts: HS, refusal: flag('ssl_reject_handshake') },
  ...(['brotli', 'zstd'] as const).flatMap((coding): LaterRow[] => {
    const most = coding === 'brotli' ? 11 : 22
    const least = coding === 'brotli' ? 0 : 1
    return [
      { name: coding, good: 'on', bad: 'x', contexts: HSLI, refusal: flag(coding) },
      { name: `${coding}_min_length`, good: '1k', bad: 'x', contexts: HSL, refusal: value(`${coding}_min_length`) },
      { name: `${coding}_comp_level`, good: String(most), bad: String(most + 1), contexts: HSL, refusal: `value must be between ${least} and ${most}` },
      { name: `${coding}_static`, good: 'always', bad: 'x', contexts: HSL, refusal: 'invalid value "x"' },
    ]
  }),
] // prettier-ignore

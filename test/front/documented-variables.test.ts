/** Every variable that nginx documents is one here, or stands in the list of those that are not, with the reason. */
import { describe, expect, it } from 'vitest'
import { FrontHarness } from '../support/front-harness.ts'

/** By module, as nginx's reference names them; a name that ends with `_` is a family. */
const DOCUMENTED: Readonly<Record<string, string>> = {
  core:
    'arg_ args binary_remote_addr body_bytes_sent bytes_sent connection connection_requests connection_time ' +
    'content_length content_type cookie_ document_root document_uri host hostname http_ https is_args ' +
    'is_request_port limit_rate msec nginx_version pid pipe proxy_protocol_addr proxy_protocol_port ' +
    'proxy_protocol_server_addr proxy_protocol_server_port proxy_protocol_tlv_ query_string realpath_root ' +
    'remote_addr remote_port remote_user request request_body request_body_file request_completion ' +
    'request_filename request_id request_length request_method request_port request_time request_uri scheme ' +
    'sent_http_ sent_trailer_ server_addr server_name server_port server_protocol status tcpinfo_rtt ' +
    'tcpinfo_rttvar tcpinfo_snd_cwnd tcpinfo_rcv_space time_iso8601 time_iso8601_ms time_local uri',
  browser: 'ancient_browser modern_browser msie',
  fastcgi: 'fastcgi_path_info fastcgi_script_name',
  gzip: 'gzip_ratio',
  limit: 'limit_conn_status limit_req_status',
  proxy: 'proxy_add_x_forwarded_for proxy_host proxy_port',
  realip: 'realip_remote_addr realip_remote_port',
  referer: 'invalid_referer',
  secure_link: 'secure_link secure_link_expires',
  slice: 'slice_range',
  ssi: 'date_gmt date_local',
  ssl:
    'ssl_alpn_protocol ssl_cipher ssl_ciphers ssl_client_cert ssl_client_escaped_cert ssl_client_fingerprint ' +
    'ssl_client_i_dn ssl_client_i_dn_legacy ssl_client_raw_cert ssl_client_s_dn ssl_client_s_dn_legacy ' +
    'ssl_client_serial ssl_client_sigalg ssl_client_v_end ssl_client_v_remain ssl_client_v_start ' +
    'ssl_client_verify ssl_curve ssl_curves ssl_early_data ssl_ech_outer_server_name ssl_ech_status ' +
    'ssl_protocol ssl_server_name ssl_session_id ssl_session_reused ssl_sigalg ssl_sigalgs',
  stub_status: 'connections_active connections_reading connections_waiting connections_writing',
  upstream:
    'upstream_addr upstream_bytes_received upstream_bytes_sent upstream_cache_status upstream_connect_time ' +
    'upstream_cookie_ upstream_header_time upstream_http_ upstream_last_addr upstream_last_server_name ' +
    'upstream_queue_time upstream_response_length upstream_response_time upstream_status upstream_trailer_',
  userid: 'uid_got uid_reset uid_set',
  v2: 'http2',
  v3: 'http3',
}

const VALID_FAMILY: Readonly<Record<string, string>> = { proxy_protocol_tlv_: 'proxy_protocol_tlv_alpn' }

/** The directives that a module's variables go with. */
const conf = (name: string): string => `
  log_format one "$${name}";
  server {
    userid on;
    location / { access_log logs/one.log one; valid_referers none server_names; return 200 "[$${name}]"; }
  }`

describe.each(Object.entries(DOCUMENTED))('a variable of %s', (_module, names) => {
  it.each(names.split(' '))('$%s has a value in an answer and in a line of the log', async (name) => {
    const written = name.endsWith('_') ? (VALID_FAMILY[name] ?? `${name}x`) : name
    const harness = new FrontHarness(conf(written))
    try {
      const { status, body } = await harness.get('/')
      expect(status).toBe(200)
      expect(body).toMatch(/^\[[^$]*\]$/)
      expect(harness.read('logs/one.log')).toMatch(/^[^$]*\n$/)
    } finally {
      harness.close()
    }
  })
})

it('a variable that nobody documents stops the start', () => {
  expect(() => new FrontHarness(conf('nosuch_variable'))).toThrow('unknown "nosuch_variable" variable')
})

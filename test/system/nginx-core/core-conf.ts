/** The content of `http { }` that both servers run for the core, and the files under it. */

/** `%FILES%`, `%PORT%` and `%PORT2%` stand for what each server has of its own. The second begins with PROXY. */
export const CORE_CONF = String.raw`
  types { text/html html htm; text/plain txt; }
  default_type application/octet-stream;
  access_log logs/access.log;
  root %FILES%;
  etag off;

  server {
    listen 127.0.0.1:%PORT% default_server;
    server_name core.test;
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
}

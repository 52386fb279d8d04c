import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bindConfig } from '../../src/config/bind.ts'
import { loadConfig } from '../../src/config/load.ts'
import { MemorySource } from '../support/memory-source.ts'
import { NGINX_TABLE, refusalOf } from '../support/nginx-rows.ts'
import { describeWithPeer } from '../support/peer.ts'

/** So that a conf that passes opens no log and makes no folder of the system's. */
const QUIET = `access_log off;
client_body_temp_path temp/a; proxy_temp_path temp/b; fastcgi_temp_path temp/c; uwsgi_temp_path temp/d; scgi_temp_path temp/e;
`

const FILES: Readonly<Record<string, string>> = {
  'quiet.conf': QUIET,
  'good.conf': 'sendfile on;\n',
  'fault.conf': 'sendfile on;\n;\n',
  'brace.conf': '}\n',
  'open.conf': 'server {\n',
  'cut.conf': 'sendfile',
  'unknown.conf': '\n\nfoo_bar_baz 1;\n',
  'several/1.conf': 'sendfile on;\n',
  'several/2.conf': 'tcp_nodelay on;\n',
  'several/x.txt': 'foo_bar_baz;\n',
  'twice/1.conf': 'sendfile on;\n',
  'twice/2.conf': '\nsendfile on;\n',
  'types.conf': 'text/plain x;\n',
}

const http = (text: string): string => `events {}\nhttp {\ninclude quiet.conf;\n${text}\n}\n`
const server = (text: string): string => http(`server {\nlisten unix:s.sock;\n${text}\n}`)
const long = (count: number): string => 'x'.repeat(count)

/** Confs that nginx and the binder with a small table are to judge alike: accepted, or the same line. */
const CONFS: readonly string[] = [
  // grammar
  'events {}',
  'events {}\nhttp { include quiet.conf; }',
  '"events" {}',
  "'events'{}",
  'events {} # end',
  '# only a comment\nevents {}',
  'events\n{\n}\n',
  'events {}\r\nhttp { include quiet.conf;\r\n sendfile on;\r\n}\r\n',
  http('add_header X "a b"; add_header Y \'c;d{}\'; add_header Z a\\ b;'),
  http('add_header X "a\\"b"; add_header Y a\\;b; add_header Z "a\nb";'),
  http('add_header X ${http_host}x; add_header Y "${scheme}";'),
  http('add_header X $http_host;'),
  http('default_type a#b; # c'),
  http('default_type a}b;'),
  'events {',
  'events {}\nhttp {\n\n',
  'events {}\nhttp {\nserver {\n}\n',
  'events {}\n}',
  'events {}\n}\n}',
  'events',
  'events \n\n',
  'events {}\nfoo',
  'events {}\nhttp {\nsendfile on\n}\n',
  'events {}\nhttp {\nsendfile on',
  'events {}\n;',
  'events {}\n{',
  'events {}\nhttp {\n;\n}',
  'events {}\nhttp {\n{\n}',
  'events {}\nhttp { "sendfile"on; }',
  'events {}\nhttp { sendfile "on"x; }',
  'events {}\nhttp { sendfile "on"}; }',
  "events {}\nhttp {\nsendfile 'on'\n'x'y; }",
  'events {}\nhttp {\nadd_header X "abc;\n}\n',
  "events {}\nhttp {\nadd_header X 'abc;\n}\n",
  'events {}\nhttp {\nadd_header X "abc\\";\n}\n',
  'events {}\nhttp {\nadd_header X abc\\',
  'events {}\nhttp {\nadd_header X ${a',
  'events {}\nhttp {\nadd_header X ${a b;\n}',
  `events {}\nhttp {\nadd_header X ${long(4095)};\n}`,
  `events {}\nhttp {\nadd_header X ${long(4096)};\n}`,
  `events {}\nhttp {\nadd_header X ${long(4095)} ;\n}`,
  http(`add_header X ${long(4094)} ;`),
  http(`add_header X "${long(4094)}";`),
  `events {}\nhttp {\nadd_header X "${long(4095)}";\n}`,
  `events {}\nhttp {\nadd_header X "${long(4094)}" ;\n}`,
  `events {}\nhttp {\n\nadd_header X "${long(9000)}\n;\n}`,
  `events {}\nhttp {\n\nadd_header X '\n\n${long(9000)}\n;\n}`,
  // names, contexts, form, number of arguments
  'foo_bar_baz;',
  'events {}\n\nfoo_bar_baz {}',
  '"" a;\nevents {}',
  'sendfile on;\nevents {}',
  'events { sendfile on; }',
  'events {}\nhttp { events {} }',
  'events {}\nserver {}',
  'events {}\nhttp {\nlocation / {}\n}',
  server('server {}'),
  server('worker_connections 1;'),
  server('location / { server_name a; }'),
  'events;',
  'events {}\nhttp;',
  'events {}\nhttp\n\n;',
  'events {} http { server; }',
  'events {} http { types; }',
  'daemon {}\nevents {}',
  'events {} http {\nsendfile on {}\n}',
  'events {}\nhttp x {}',
  'events x\n{}',
  'events {} http { sendfile; }',
  'events {} http { sendfile on off; }',
  'events {} http { root; }',
  'events {} http { root a b; }',
  'events {} http { add_header X; }',
  'events {} http { add_header a b c d; }',
  server('location {}'),
  server('location a b c {}'),
  server('server_name;'),
  server('try_files a;'),
  server('location / { internal on; }'),
  'events {} http { upstream {} }',
  'events {} http { upstream u { server; } }',
  'events {} http { upstream u { sendfile on; } }',
  'events {} http { upstream u { server 127.0.0.1:1 {} } }',
  // duplicates
  'events {}\nevents {}',
  'events {} http {}\n http {}',
  'daemon on;\ndaemon off;\nevents {}',
  'events {} http { sendfile on;\nsendfile on; }',
  'events {} http { root a;\nroot b; }',
  'events {} http { client_max_body_size 1m;\nclient_max_body_size x; }',
  server('root a; location / { root b; root c; }'),
  http('add_header X 1; add_header X 1; index a; index b;'),
  http('types { a/b c; } types { d/e f; }'),
  // values
  http('sendfile on; tcp_nodelay OFF;'),
  'events {} http { sendfile yes; }',
  'events {} http {\nsendfile "";\n}',
  'events {} http {\nsendfile on\\;;\n}',
  'daemon 1;\nevents {}',
  http('keepalive_requests 0; gzip_comp_level 9;'),
  'events {} http { keepalive_requests -1; }',
  'events {} http { keepalive_requests 1k; }',
  'events {} http { keepalive_requests ""; }',
  'events {} http { keepalive_requests 99999999999999999999; }',
  'events {} http { gzip_comp_level 0; }',
  'events {} http { gzip_comp_level 10; }',
  'events { multi_accept x; }',
  http('client_body_buffer_size 8k; client_max_body_size 2g;'),
  http('client_body_buffer_size 1M; client_max_body_size 0;'),
  'events {} http { client_body_buffer_size 1g; }',
  'events {} http { client_body_buffer_size k; }',
  'events {} http { client_max_body_size 1t; }',
  'events {} http { client_max_body_size -1; }',
  'events {} http { client_max_body_size 1.5m; }',
  'events {} http { client_max_body_size 99999999999g; }',
  http('client_body_timeout 1h30m; proxy_connect_timeout "1h 30m"; open_file_cache_valid 1M;'),
  http('client_body_timeout 500ms; proxy_connect_timeout "30s 5";'),
  'events {} http { client_body_timeout 1y; }',
  'events {} http { client_body_timeout 30m1h; }',
  'events {} http { client_body_timeout ""; }',
  'events {} http { client_body_timeout s; }',
  'events {} http { client_body_timeout 5.5s; }',
  'events {} http { client_body_timeout 99999999999999999999; }',
  'events {} http { open_file_cache_valid 5ms; }',
  http('lingering_close ALWAYS; if_modified_since off;'),
  'events {} http { lingering_close maybe; }',
  http('proxy_next_upstream error timeout; proxy_next_upstream http_500;'),
  http('proxy_next_upstream error timeout Error;'),
  'events {} http {\nproxy_next_upstream error sometimes;\n}',
  http('proxy_buffers 4 8k;'),
  'events {} http { proxy_buffers 0 8k; }',
  'events {} http { proxy_buffers 4 0; }',
  'events {} http { proxy_buffers x 8k; }',
  'events {} http { large_client_header_buffers 4 8q; }',
  'events {} http { add_header X $; }',
  'events {} http { add_header X a$-; }',
  'events {} http { add_header X "${a"; }',
  'events {} http { add_header X "${}"; }',
  'events {} http {\nadd_header X "\n$";\n}',
  'events {} http { root "$"; }',
  // patterns
  server('location ~ \\.php$ {} location ~* "\\.(gif|jpe?g)$" {} location = /a {} location ^~ /b/ {}'),
  server('location ~ "^/[0-9]{4}/(?<rest>.*)$" {}'),
  server('location ~ ^/[0-9]{4}/ {}'),
  server('location ! a {}'),
  server('location ~ "(" {}'),
  server('location ~ ")" {}'),
  server('location ~ "[" {}'),
  server('location ~ "a**" {}'),
  server('location ~ "[z-a]b" {}'),
  server('location ~ "(?<n>a)(?<n>b)" {}'),
  server('location ~* "a{2,1}" {}'),
  // entries
  http('types { text/html html htm; "a b" c; }'),
  http('map $http_host $x { hostnames; default 0; a 1; ~^b 2; "" 3; }'),
  'events {} http { types { a {} } }',
  'events {} http { types {\n a b;\n c {\n } } }',
  'events {} http { types { a b; c } }',
  'events {} http { types { a b;',
  'events {} http { types { a b; c',
  'events {} http { types { ; } }',
  'events {} http { types x {} }',
  'events {} http { map $a $b { c; } }',
  'events {} http { map $a $b {\n c d e;\n f {} } }',
  'events {} http { map $a { } }',
  // include
  http('include good.conf;'),
  http('include several/*.conf;'),
  http('include "several/[12].conf"; include none/*.conf;'),
  http('types { include types.conf; }'),
  http('include good.conf;\ninclude good.conf;'),
  'events {}\ninclude none.conf;',
  'events {}\ninclude;',
  'events {}\ninclude a b;',
  'events {}\ninclude good.conf {}',
  'events {}\nhttp {\ninclude fault.conf;\n}',
  'events {}\nhttp {\ninclude brace.conf;\n}',
  'events {}\nhttp {\ninclude open.conf;\n}\n}',
  'events {}\nhttp {\ninclude cut.conf;\non;\n}',
  'events {}\nhttp {\ninclude unknown.conf;\n}',
  'events {}\ninclude unknown.conf;',
  'events {}\nhttp {\ninclude twice/*.conf;\n}',
  'events {}\nhttp { types { include; } }',
  'events {}\nhttp { types { include none.conf; } }',
  // the earlier fault counts
  'events {}\nhttp { foo_bar_baz;\n',
  'events {}\nhttp { foo_bar_baz;\n;\n}',
  'events {}\nhttp { sendfile x; include none.conf; }',
  'events {}\nhttp { include none.conf; sendfile x; }',
  'events {}\nhttp { server { foo_bar_baz; } ',
  'events {}\nhttp { sendfile on; sendfile off; }\n}',
]

const run = promisify(execFile)

describeWithPeer('nginx', 'as nginx judges it', (nginx) => {
  let folder = ''

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'portico-conf-'))
    for (const name of ['several', 'twice', 'temp']) mkdirSync(join(folder, name))
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text, 'latin1')
  })

  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  /** nginx's `[level] message` lines without time and process. */
  async function theirs(path: string): Promise<string[]> {
    const args = ['-t', '-q', '-e', 'stderr', '-p', `${folder}/`, '-c', path, '-g', 'pid nginx.pid;']
    const output = await run(nginx, args).catch((error: unknown) => error as { stderr: string })
    const lines = Array.from(output.stderr.matchAll(/\[(warn|emerg|alert|crit)\] (?:\d+#\d+: )?(.*)/g))
    return lines.map(([, level, message]) => `[${level ?? ''}] ${message ?? ''}`)
  }

  function ours(path: string, text: string): string[] {
    const inFolder = Object.entries(FILES).map(([name, content]) => [join(folder, name), content] as const)
    const source = new MemorySource({ ...Object.fromEntries(inFolder), [path]: text })
    const lines: string[] = []
    const refusal = refusalOf(() => {
      const { statements } = loadConfig(path, source, { globals: 'pid nginx.pid;' })
      const { warnings } = bindConfig(statements, NGINX_TABLE, { prefix: `${folder}/`, confPath: path })
      lines.push(...warnings.map(String))
    })
    // the hint is an addition of ours
    return refusal === undefined ? lines : [refusal.replace(/, did you mean "[^"]*"\?/, '')]
  }

  it.each(
    CONFS.map((text, index) => [text.length > 200 ? `${text.slice(0, 200)}...` : text, text, index] as const),
  )('%j', async (_, text, index) => {
    const path = join(folder, `${index}.conf`)
    writeFileSync(path, text, 'latin1')
    expect(ours(path, text)).toEqual(await theirs(path))
  })
})

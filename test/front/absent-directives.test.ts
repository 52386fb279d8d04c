/** What nginx has and this server has not: refused, or named in one warning. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const MAIN = process.env['PORTICO_CLI'] ?? fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'portico-absent-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function test(conf: string): { readonly status: number | null; readonly said: string } {
  const file = join(folder, 'test.conf')
  writeFileSync(file, conf)
  const args = [MAIN, '-t', '-p', folder, '-c', file, '-e', 'stderr']
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  return { status, said: `${stdout}${stderr}`.replaceAll(file, 'CONF') }
}

describe('a conf that relies on it is refused', () => {
  it.each([
    ['stream', 'events { }\nstream { server { listen 1; } }', 'it serves HTTP only in CONF:2'],
    ['mail', 'mail { protocol imap; }', 'it serves HTTP only in CONF:1'],
    [
      'memcached_pass',
      'http { server { location / { memcached_pass 127.0.0.1:11211; } } }',
      'it does not speak the protocol of memcached in CONF:1',
    ],
    ['perl', 'http { server { location / { perl a::b; } } }', 'it runs no Perl in CONF:1'],
  ])('%s', (name, conf, reason) => {
    const { status, said } = test(conf)
    expect(said).toContain(`[emerg] "${name}" is not implemented by this server: ${reason}`)
    expect(status).toBe(1)
  })
})

describe('the modules that nginx loads', () => {
  const loads = 'load_module modules/ngx_http_echo_module.so;\nload_module "modules/ngx_stream_module.so";\n'

  it('are built in: naming them has no effect', () => {
    const { status, said } = test(`${loads}http { access_log off; }`)
    expect(said).toContain(
      '[warn] no effect in this server: "load_module" (all modules are built in) in CONF:1',
    )
    expect(status).toBe(0)
  })

  it('or not there: what they would bring is unknown', () => {
    const { status, said } = test(`${loads}http { server { location / { echo a; } } }`)
    expect(said).toContain('[emerg] unknown directive "echo"')
    expect(status).toBe(1)
  })
})

describe('the rest is checked and named once', () => {
  it('with its reason', () => {
    const { status, said } = test('http { access_log off; http2_push_preload on; http2_chunk_size 8k; }')
    expect(status).toBe(0)
    expect(said.match(/no effect in this server/g)).toHaveLength(1)
    for (const name of ['http2_push_preload', 'http2_chunk_size']) expect(said).toContain(`"${name}" (`)
  })

  it.each([
    ['dav_methods patch', 'invalid value "patch"'],
    ['dav_access user:x', 'invalid value "user:x"'],
    ['slice x', '"slice" directive invalid value'],
    ['http2_max_concurrent_streams x', '"http2_max_concurrent_streams" directive invalid number'],
  ])('%s is refused', (line, message) => {
    const { status, said } = test(`http { ${line}; }`)
    expect(said).toContain(message)
    expect(status).toBe(1)
  })
})

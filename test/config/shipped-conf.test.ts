import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Statement } from '../../src/config/ast.ts'
import { parseConfig } from '../../src/config/parser.ts'
import { describeWithPeer } from '../support/peer.ts'

const conf = new URL('../../conf/', import.meta.url).pathname

function statementsOf(name: string): readonly Statement[] {
  return parseConfig(readFileSync(join(conf, name), 'latin1'), { file: name }).statements
}

describe('mime.types', () => {
  const [types, ...others] = statementsOf('mime.types')
  const pairs = (types?.block ?? []).flatMap((entry) =>
    entry.args.map((word) => [word.text, entry.name] as const),
  )
  const byExtension = new Map(pairs)

  it('is one block of types', () => {
    expect([types?.name, others]).toEqual(['types', []])
  })

  it('names each extension once, in lower case', () => {
    expect(byExtension.size).toBe(pairs.length)
    expect(pairs.filter(([extension]) => !/^[a-z0-9]+$/.test(extension))).toEqual([])
  })

  it.each([
    ['html', 'text/html'],
    ['css', 'text/css'],
    ['js', 'application/javascript'],
    ['mjs', 'application/javascript'],
    ['json', 'application/json'],
    ['map', 'application/json'],
    ['webmanifest', 'application/manifest+json'],
    ['wasm', 'application/wasm'],
    ['svg', 'image/svg+xml'],
    ['ico', 'image/x-icon'],
    ['avif', 'image/avif'],
    ['webp', 'image/webp'],
    ['jpg', 'image/jpeg'],
    ['woff2', 'font/woff2'],
    ['ttf', 'font/ttf'],
    ['mp4', 'video/mp4'],
    ['ts', 'video/mp2t'],
    ['docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    ['pdf', 'application/pdf'],
    ['txt', 'text/plain'],
  ])('%s is %s', (extension, type) => {
    expect(byExtension.get(extension)).toBe(type)
  })
})

describe.each([
  ['fastcgi_params', 'fastcgi_param', 19],
  ['uwsgi_params', 'uwsgi_param', 14],
  ['scgi_params', 'scgi_param', 14],
])('%s', (file, directive, count) => {
  const statements = statementsOf(file)

  it('sets each parameter once', () => {
    expect(new Set(statements.map((one) => one.name))).toEqual(new Set([directive]))
    const names = statements.map((one) => one.args[0]?.text)
    expect([names.length, new Set(names).size]).toEqual([count, count])
  })

  it('tells of HTTPS only where it is so', () => {
    const https = statements.find((one) => one.args[0]?.text === 'HTTPS')
    expect(https?.args.map((word) => word.text)).toEqual(['HTTPS', '$https', 'if_not_empty'])
  })
})

describeWithPeer('nginx', 'nginx', (nginx) => {
  it('takes all of them, variables too', () => {
    const folder = mkdtempSync(join(tmpdir(), 'portico-conf-'))
    const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path t-${name};`,
    )
    const params = ['fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `location /${name} { include ${conf}${name}_params; ${name}_pass 127.0.0.1:9; }`,
    )
    const text = `pid p.pid; events {} http { access_log off; ${temp.join('')} include ${conf}mime.types;
      server { listen unix:s.sock; ${params.join('\n')} } }`
    writeFileSync(join(folder, 'c'), text)
    try {
      expect(() =>
        execFileSync(nginx, ['-t', '-q', '-e', 'stderr', '-p', `${folder}/`, '-c', 'c'], { stdio: 'pipe' }),
      ).not.toThrow()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

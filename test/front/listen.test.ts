/** What `listen` means: one spelling of each address. What is refused is compared with nginx in test/cli. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FrontHarness } from '../support/front-harness.ts'

const keysOf = (conf: string): string[] => {
  const harness = new FrontHarness(conf)
  const keys = harness.front.listenPoints.map(({ key }) => key.replace(harness.folder, 'PREFIX'))
  harness.close()
  return keys
}

describe('an address', () => {
  it.each([
    ['8080', '0.0.0.0:8080'],
    ['*:8080', '0.0.0.0:8080'],
    ['127.0.0.1', '127.0.0.1:80'],
    ['127.0.0.1:8080', '127.0.0.1:8080'],
    ['localhost:8080', '127.0.0.1:8080'],
    ['[::1]:8080', '[::1]:8080'],
    ['[::]', '[::]:80'],
    ['[2001:DB8::1]:80', '[2001:db8::1]:80'],
    ['unix:/run/x.sock', 'unix:/run/x.sock'],
    ['unix:run/x.sock', 'unix:PREFIX/run/x.sock'],
  ])('%s is %s', (written, key) => {
    expect(keysOf(`server { listen ${written}; }`)).toEqual([key])
  })

  const [, named] =
    /^127\.0\.0\.1\s+(?!localhost)([a-z][\w.-]*)$/m.exec(readFileSync('/etc/hosts', 'utf8')) ?? []
  it.runIf(named)('of a name is that of the hosts file, with each port of a range', () => {
    expect(keysOf(`server { listen ${named ?? ''}:8080; }`)).toEqual(['127.0.0.1:8080'])
    expect(keysOf(`server { listen ${named ?? ''}:8080-8081; }`)).toEqual([
      '127.0.0.1:8080',
      '127.0.0.1:8081',
    ])
  })

  it('of a name that nobody has stops the start', () => {
    expect(() => keysOf('server { listen nobody.invalid:80; }')).toThrow(
      'host not found in "nobody.invalid:80" of the "listen" directive',
    )
  })

  it('is that of the user without listen', () => {
    expect(keysOf('server { }')).toEqual(['0.0.0.0:8000'])
  })

  it('is one for servers that share it, and several for one server', () => {
    const conf = 'server { listen 1111; listen 2222; } server { listen 2222; server_name b; listen 3333; }'
    expect(keysOf(conf)).toEqual(['0.0.0.0:1111', '0.0.0.0:2222', '0.0.0.0:3333'])
  })

  it('has the length of its queue from whichever server gives it', () => {
    const harness = new FrontHarness(
      'server { listen 1111; } server { listen 1111 backlog=7; server_name b; } server { listen 2222; }',
    )
    expect(harness.front.listenPoints.map(({ backlog }) => backlog)).toEqual([7, 511])
    harness.close()
  })
})

describe('what stands behind the address', () => {
  const point = (args: string): unknown => {
    const harness = new FrontHarness(`server { listen ${args}; }`)
    const [first] = harness.front.listenPoints
    harness.close()
    return first && { ...first, names: undefined, defaultServer: undefined }
  }

  it.each([
    ['[::]:80', { address: { host: '::', dualStack: false }, keepaliveIdleSeconds: undefined }],
    ['[::]:80 ipv6only=off', { address: { host: '::', dualStack: true } }],
    ['80 so_keepalive=on', { keepaliveIdleSeconds: 0 }],
    ['80 so_keepalive=off', { keepaliveIdleSeconds: undefined }],
    ['80 so_keepalive=30m::10', { keepaliveIdleSeconds: 1800 }],
    ['80 proxy_protocol backlog=9', { proxyProtocol: true, backlog: 9 }],
  ])('%s', (args, expected) => {
    expect(point(args)).toMatchObject(expected)
  })

  it('is the same for all ports of a range', () => {
    const conf = 'server { listen 127.0.0.1:81-83 backlog=9; } server { listen 127.0.0.1:83; server_name b; }'
    const harness = new FrontHarness(conf)
    expect(harness.front.listenPoints.map(({ key, backlog }) => `${key} ${backlog}`)).toEqual([
      '127.0.0.1:81 9',
      '127.0.0.1:82 9',
      '127.0.0.1:83 9',
    ])
    harness.close()
  })
})

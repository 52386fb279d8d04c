/** Which server answers a Host: exact, longest *.suffix, longest prefix.*, first expression, default. */
import { afterAll, describe, expect, it } from 'vitest'
import { FrontHarness } from '../support/front-harness.ts'

const SERVERS: readonly (readonly [label: string, names: string])[] = [
  ['default', 'first.test'],
  ['exact', 'www.example.test'],
  ['suffix', '*.example.test'],
  ['deep suffix', '*.deep.example.test'],
  ['dot', '.dot.test'],
  ['prefix', 'mail.*'],
  ['deep prefix', 'mail.some.*'],
  ['regex', '"~^(?<user>[a-z]+)\\d{1,3}\\.test$"'],
  ['second regex', '~^x1'],
  ['upper case', 'UPPER.Test'],
  ['trailing dot', 'trailing.test.'],
  ['empty', '""'],
]

const conf = SERVERS.map(
  ([label, names]) => `server { listen 127.0.0.1:8001; server_name ${names}; return 200 "${label}"; }`,
).join('\n')
const harness = new FrontHarness(conf)

afterAll(() => harness.close())

describe('a Host', () => {
  it.each([
    ['first.test', 'default'],
    ['unknown.test', 'default'],
    ['www.example.test', 'exact'],
    ['WWW.EXAMPLE.test', 'exact'],
    ['www.example.test.', 'exact'],
    ['www.example.test:8080', 'exact'],
    ['a.example.test', 'suffix'],
    ['a.b.example.test', 'suffix'],
    ['example.test', 'default'],
    ['xexample.test', 'default'],
    ['a.deep.example.test', 'deep suffix'],
    ['deep.example.test', 'suffix'],
    ['dot.test', 'dot'],
    ['a.b.dot.test', 'dot'],
    ['mail.test', 'prefix'],
    ['mail.some', 'prefix'],
    ['mail.some.test', 'deep prefix'],
    ['mail', 'default'],
    ['mail.example.test', 'suffix'],
    ['abc12.test', 'regex'],
    ['x1.test', 'regex'],
    ['x12345.test', 'second regex'],
    ['upper.test', 'upper case'],
    ['trailing.test', 'trailing dot'],
  ])('%s is answered by %s', async (host, label) => {
    const answer = await harness.ask(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    expect(answer.split('\r\n\r\n')[1]).toBe(label)
  })

  it('that is missing is answered by the server with the empty name', async () => {
    expect((await harness.ask('GET / HTTP/1.0\r\n\r\n')).split('\r\n\r\n')[1]).toBe('empty')
  })
})

describe('the default server', () => {
  it.each([
    [
      'is the first without default_server',
      'server { return 200 one; } server { server_name b; return 200 two; }',
      'one',
    ],
    [
      'is the one that says so',
      'server { return 200 one; } server { listen 8000 default_server; server_name b; return 200 two; }',
      'two',
    ],
  ])('%s', async (_name, servers, body) => {
    const own = new FrontHarness(servers)
    expect((await own.get('/')).body).toBe(body)
    own.close()
  })
})

it('assigns the named groups of an expression', async () => {
  const own = new FrontHarness('server { server_name ~^(?<user>\\w+)\\.test$; return 200 "$user"; }')
  expect((await own.get('/')).body).toBe('own')
  own.close()
})

import { describe, expect, it } from 'vitest'
import { validator, WsgiError, type Application, type Environ, type StartResponse } from 'portico/gateway'
import { makeEnviron } from './recording-sink.ts'

const text = (value: string) => Buffer.from(value)
const TYPE = ['Content-Type', 'text/plain'] as const

/** What is not typed, as many applications and servers are not. */
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-assignment -- planted violations of the types */
type Untyped = any

const ok = (start: Untyped) => start('200 OK', [TYPE])

describe('validator, of a server', () => {
  const hello = (_: Environ, start: StartResponse) => (ok(start), [text('x')])
  const right: Untyped = () => () => Promise.resolve()
  const call = (environ: Untyped, startResponse: Untyped = right, application: Untyped = hello) =>
    (validator(application as Application) as Untyped)(environ, startResponse)

  it('finds nothing in a right one', () => {
    expect(call(makeEnviron())).toEqual([text('x')])
  })

  const change = (changes: Record<string, unknown>) => () => Object.assign(makeEnviron(), changes)
  const without = (key: string) => () => {
    const environ = makeEnviron()
    delete environ[key]
    return environ
  }
  const stream =
    (key: string, ...missing: (string | symbol)[]) =>
    () => {
      const methods: Record<string | symbol, unknown> = {
        read() {},
        readline() {},
        readlines() {},
        [Symbol.asyncIterator]() {},
        write() {},
        writelines() {},
        flush() {},
      }
      for (const name of missing) delete methods[name]
      return Object.assign(makeEnviron(), { [key]: methods })
    }

  const WRONG: [string, () => unknown, string][] = [
    [
      'no environ',
      () => undefined,
      'the server passed undefined as environ; it has to be an object without a prototype',
    ],
    [
      'a Map as environ',
      () => new Map(),
      'the environ is an instance of Map; make it with Object.create(null), so that no client can reach a prototype',
    ],
    [
      'an environ with a prototype',
      () => ({ ...makeEnviron() }),
      /^the environ is an object with the keys .*; make it with Object.create\(null\), so that no client can reach a prototype$/
        .source,
    ],
    ...[
      'REQUEST_METHOD',
      'SERVER_NAME',
      'SERVER_PORT',
      'SERVER_PROTOCOL',
      'wsgi.version',
      'wsgi.url_scheme',
      'wsgi.input',
      'wsgi.errors',
      'wsgi.multithread',
      'wsgi.multiprocess',
      'wsgi.run_once',
    ].map((key): [string, () => unknown, string] => [
      `no ${key}`,
      without(key),
      `the environ has no ${key}; servers have to set it`,
    ]),
    [
      'a number as variable',
      change({ REMOTE_PORT: 80 }),
      'REMOTE_PORT is a number; CGI variables are strings or not there at all',
    ],
    [
      'undefined as variable',
      change({ REMOTE_USER: undefined }),
      'REMOTE_USER is undefined; CGI variables are strings or not there at all',
    ],
    [
      'decoded text',
      change({ HTTP_X: '\u20ac' }),
      'HTTP_X has characters above U+00FF; decode the octets as Latin-1 and leave the rest to the application',
    ],
    [
      'HTTP_CONTENT_LENGTH',
      change({ HTTP_CONTENT_LENGTH: '5' }),
      'the environ has HTTP_CONTENT_LENGTH; write CONTENT_LENGTH instead, which headers cannot set',
    ],
    [
      'HTTP_CONTENT_TYPE',
      change({ HTTP_CONTENT_TYPE: 'a/b' }),
      'the environ has HTTP_CONTENT_TYPE; write CONTENT_TYPE instead, which headers cannot set',
    ],
    [
      'HTTP_PROXY',
      change({ HTTP_PROXY: 'x' }),
      'the environ has HTTP_PROXY, with which a client redirects outgoing requests (httpoxy); leave it out',
    ],
    [
      'a header variable in lower case',
      change({ HTTP_foo: 'x' }),
      '"HTTP_foo" is no name of a header variable; only A-Z, 0-9 and _ come from clients',
    ],
    [
      'an empty method',
      change({ REQUEST_METHOD: '' }),
      'REQUEST_METHOD is ""; it has to be a method like GET',
    ],
    [
      'an empty server name',
      change({ SERVER_NAME: '' }),
      'SERVER_NAME is empty; it never may be, as URLs are made of it',
    ],
    [
      'a port that is none',
      change({ SERVER_PORT: 'http' }),
      'SERVER_PORT is "http"; it has to be the digits of a port',
    ],
    [
      'a protocol without version',
      change({ SERVER_PROTOCOL: 'HTTP' }),
      'SERVER_PROTOCOL is "HTTP"; it has to be like HTTP/1.1',
    ],
    [
      'a negative length',
      change({ CONTENT_LENGTH: '-1' }),
      'CONTENT_LENGTH is "-1"; it has to be digits, empty, or not there',
    ],
    [
      'SCRIPT_NAME /',
      change({ SCRIPT_NAME: '/' }),
      'SCRIPT_NAME is "/"; it has to be empty then, and PATH_INFO "/"',
    ],
    [
      'a relative SCRIPT_NAME',
      change({ SCRIPT_NAME: 'app' }),
      'SCRIPT_NAME is "app"; it has to be empty or start with a slash',
    ],
    [
      'a relative PATH_INFO',
      change({ PATH_INFO: 'page' }),
      'PATH_INFO is "page"; it has to be empty or start with a slash',
    ],
    [
      'no path at all',
      () => {
        const environ: Untyped = makeEnviron()
        delete environ.SCRIPT_NAME
        delete environ.PATH_INFO
        return environ
      },
      'neither SCRIPT_NAME nor PATH_INFO is there; for the root PATH_INFO is "/"',
    ],
    [
      'another version',
      change({ 'wsgi.version': [2, 0] }),
      'wsgi.version is an array of 2; it has to be [1, 0]',
    ],
    [
      'a version as string',
      change({ 'wsgi.version': '1.0' }),
      'wsgi.version is a string; it has to be [1, 0]',
    ],
    [
      'another scheme',
      change({ 'wsgi.url_scheme': 'ftp' }),
      'wsgi.url_scheme is "ftp"; it has to be "http" or "https"',
    ],
    [
      'a number as flag',
      change({ 'wsgi.multithread': 0 }),
      'wsgi.multithread is a number; it has to be a boolean',
    ],
    [
      'no stream',
      change({ 'wsgi.input': text('x') && 'body' }),
      'wsgi.input is a string; it has to be a stream object',
    ],
    ...(['read', 'readline', 'readlines', Symbol.asyncIterator] as const).map(
      (name): [string, () => unknown, string] => [
        `an input without ${String(name)}`,
        stream('wsgi.input', name),
        `wsgi.input has no method ${String(name)}; all of PEP 3333 have to be there`,
      ],
    ),
    ...(['write', 'writelines', 'flush'] as const).map((name): [string, () => unknown, string] => [
      `errors without ${name}`,
      stream('wsgi.errors', name),
      `wsgi.errors has no method ${name}; all of PEP 3333 have to be there`,
    ]),
  ]

  it.each(WRONG)('finds %s', (_, environ, sentence) => {
    expect(() => call(environ())).toThrow(
      sentence.startsWith('^') ? new RegExp(sentence) : new WsgiError('WSGI_VALIDATOR', sentence),
    )
  })

  it('finds wrong arguments', () => {
    const application = validator(hello as Application) as Untyped
    expect(() => application(makeEnviron())).toThrow(
      'the server called the application with 1 arguments; it takes environ and startResponse',
    )
    expect(() => application(makeEnviron(), right, null)).toThrow(
      'the server called the application with 3 arguments',
    )
    expect(() => application(makeEnviron(), 'start')).toThrow(
      'the server passed a string as startResponse; it has to be a function',
    )
  })

  it('finds a startResponse that returns no write, and a write that returns no promise', () => {
    expect(() => call(makeEnviron(), () => undefined)).toThrow(
      "the server's startResponse returned undefined; it has to return write()",
    )
    const writes = (_: Environ, start: StartResponse) => (void ok(start)(text('x')), [])
    expect(() => call(makeEnviron(), () => () => true, writes)).toThrow(
      "the server's write() returned a boolean; it has to be a promise",
    )
  })

  const generator = function* (_: Environ, start: StartResponse) {
    ok(start)
    yield text('a')
  }
  const asyncGenerator = async function* (_: Environ, start: StartResponse) {
    ok(start)
    yield await Promise.resolve(text('a'))
  }

  it('finds a server that asks for more after the end or the close', () => {
    const ended = call(makeEnviron(), right, generator)[Symbol.iterator]()
    expect([ended.next().done, ended.next().done]).toEqual([false, true])
    expect(() => ended.next()).toThrow('the server asked for more of the body after its end')
    const closed = call(makeEnviron(), right, generator)
    const iterator = closed[Symbol.iterator]()
    closed.close()
    expect(() => iterator.next()).toThrow('the server asked for more of the body after it had closed it')
    expect(() => closed.close()).toThrow('the server closed the body a second time')
    expect(() => closed[Symbol.iterator]()).toThrow('the server iterated the body a second time')
  })

  it('finds a server that asks for the next piece too early', async () => {
    const iterator = call(makeEnviron(), right, asyncGenerator)[Symbol.asyncIterator]()
    const first = iterator.next()
    await expect(iterator.next()).rejects.toThrow(
      'the server asked for a piece of the body before the one before it had come',
    )
    expect((await first).value).toEqual(text('a'))
  })

  const WRONG_INPUTS: [string, Record<string, unknown>, (input: Untyped) => Promise<unknown>, string][] = [
    [
      'no promise',
      { read: () => text('x') },
      (input) => input.read(1),
      'the server answered wsgi.input.read with an instance of Buffer; it has to be a promise',
    ],
    [
      'a string',
      { read: async () => 'x' },
      (input) => input.read(1),
      'the server answered wsgi.input.read with a string; a Buffer is due',
    ],
    [
      'too many bytes',
      { read: async () => text('xx') },
      (input) => input.read(1),
      'the server answered wsgi.input.read(1) with 2 bytes, more than were asked for',
    ],
    [
      'bytes past CONTENT_LENGTH',
      { read: async () => text('xxxxxx') },
      (input) => input.read(),
      'the server gave 6 bytes of wsgi.input, and CONTENT_LENGTH says 5; reads have to end there',
    ],
    [
      'two lines as one',
      { readline: async () => text('a\nb') },
      (input) => input.readline(),
      'the server answered wsgi.input.readline() with more than one line',
    ],
    [
      'one line for all',
      { readlines: async () => text('a') },
      (input) => input.readlines(),
      'the server answered wsgi.input.readlines() with an instance of Buffer; a list of Buffers is due',
    ],
    [
      'a string among the lines',
      { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: 'x' }) }) },
      async (input) => {
        for await (const line of input) return line
      },
      'the server answered wsgi.input.iteration with a string; a Buffer is due',
    ],
  ]

  it.each(WRONG_INPUTS)('finds an input that answers with %s', async (_, methods, use, sentence) => {
    const environ = makeEnviron()
    environ.CONTENT_LENGTH = '5'
    environ['wsgi.input'] = { ...environ['wsgi.input'], ...methods }
    let input: Untyped
    call(environ, right, (env: Environ, start: StartResponse) => ((input = env['wsgi.input']), ok(start), []))
    await expect(use(input)).rejects.toThrow(sentence)
  })
})

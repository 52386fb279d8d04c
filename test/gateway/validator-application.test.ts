import { describe, expect, it } from 'vitest'
import { validator, WsgiError, type Application, type Environ, type StartResponse } from 'portico/gateway'
import { RequestInput } from '../../src/gateway/input-stream.ts'
import { runApplication } from '../../src/gateway/run-application.ts'
import { RecordingSink, makeEnviron, settled } from './recording-sink.ts'

const text = (value: string) => Buffer.from(value)
const TYPE = ['Content-Type', 'text/plain'] as const

/** What is not typed, as many applications and servers are not. */
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-assignment -- planted violations of the types */
type Untyped = any

/** What a right server reports of that application behind the validator, with a body `hello` to read. */
async function reported(application: Untyped, method = 'GET'): Promise<string[]> {
  const errors: string[] = []
  const environ = makeEnviron(method)
  environ.CONTENT_LENGTH = '5'
  const input = new RequestInput(5, () => undefined)
  input.push(text('hello'))
  environ['wsgi.input'] = input
  runApplication(validator(application as Application), environ, new RecordingSink(), (error) =>
    errors.push(error instanceof WsgiError ? error.message : `not ours: ${String(error)}`),
  )
  await settled()
  return errors
}

const ok = (start: Untyped) => start('200 OK', [TYPE])

describe('validator, of an application', () => {
  const RIGHT: [string, Untyped][] = [
    ['a list', (_: Environ, start: StartResponse) => (ok(start), [text('a'), text('b')])],
    ['an empty list', (_: Environ, start: StartResponse) => (ok(start), [])],
    [
      'a generator',
      function* (_: Environ, start: StartResponse) {
        ok(start)
        yield text('a')
        yield text('')
      },
    ],
    [
      'an async generator',
      async function* (_: Environ, start: StartResponse) {
        ok(start)
        yield await Promise.resolve(text('a'))
      },
    ],
    [
      'an async function',
      async (_: Environ, start: StartResponse) => (await Promise.resolve(), ok(start), [text('a')]),
    ],
    [
      'write()',
      async (_: Environ, start: StartResponse) => {
        const write = ok(start)
        await write(text('a'))
        await write(text('b'))
        return []
      },
    ],
    ['excInfo', (_: Environ, start: StartResponse) => (ok(start), start('500 No', [TYPE], { error: 1 }), [])],
    ['204', (_: Environ, start: StartResponse) => (start('204 No Content', []), [])],
    [
      '304',
      (_: Environ, start: StartResponse) => (start('304 Not Modified', [['Content-Length', '10']]), []),
    ],
    [
      'a declared length',
      (_: Environ, start: StartResponse) => (start('200 OK', [TYPE, ['Content-Length', '1']]), [text('a')]),
    ],
    [
      'all reads',
      async (environ: Environ, start: StartResponse) => {
        const input = environ['wsgi.input']
        const parts = [await input.read(1), await input.readline(1), ...(await input.readlines())]
        for await (const line of input) parts.push(line)
        ok(start)
        return [Buffer.concat(parts)]
      },
    ],
    [
      'errors',
      (environ: Environ, start: StartResponse) => {
        environ['wsgi.errors'].write('a\n')
        environ['wsgi.errors'].writelines(['b\n', 'c\n'])
        environ['wsgi.errors'].flush()
        return (ok(start), [])
      },
    ],
    [
      'an object’s method',
      (() => {
        const site = {
          greeting: 'a',
          app(_: Environ, start: StartResponse) {
            return (ok(start), [text(this.greeting)])
          },
        }
        return site.app.bind(site)
      })(),
    ],
  ]

  it.each(RIGHT)('finds nothing in %s', async (_, application) => {
    for (const method of ['GET', 'HEAD']) expect(await reported(application, method)).toEqual([])
  })

  const start =
    (...args: unknown[]) =>
    (_: Environ, startResponse: Untyped) => (startResponse(...args), [])
  const body = (value: unknown) => (_: Environ, startResponse: Untyped) => (ok(startResponse), value)
  const read = (use: (input: Untyped) => unknown) => async (environ: Environ, startResponse: Untyped) => {
    await use(environ['wsgi.input'])
    return (ok(startResponse), [])
  }
  const log = (use: (errors: Untyped) => unknown) => (environ: Environ, startResponse: Untyped) => {
    use(environ['wsgi.errors'])
    return (ok(startResponse), [])
  }
  const write = (use: (write: Untyped) => unknown) => async (_: Environ, startResponse: Untyped) => {
    await use(ok(startResponse))
    return []
  }
  const NODE_STREAM = 'it is no Node stream; await read(size) until it gives an empty buffer'

  const WRONG: [string, Untyped, string][] = [
    // startResponse
    [
      'startResponse with one argument',
      start('200 OK'),
      'startResponse got 1 arguments; it takes status, headers and perhaps { error }',
    ],
    [
      'startResponse with four arguments',
      start('200 OK', [TYPE], null, 1),
      'startResponse got 4 arguments; it takes status, headers and perhaps { error }',
    ],
    [
      'a number as status',
      start(200, [TYPE]),
      "startResponse got a number as status; write a string like '200 OK'",
    ],
    [
      'a status without reason',
      start('200', [TYPE]),
      `startResponse got status "200"; write the reason too, like '200 OK'`,
    ],
    [
      'a status without code',
      start('OK', [TYPE]),
      `startResponse got status "OK"; write three digits, a space and a reason, like '200 OK'`,
    ],
    [
      'status 100',
      start('100 Continue', []),
      'startResponse got status "100 Continue"; 1xx answers belong to the server, not to applications',
    ],
    [
      'a line break in the status',
      start('200 OK\r\nX: y', [TYPE]),
      `startResponse got status "200 OK\\r\\nX: y"; write three digits, a space and a reason, like '200 OK'`,
    ],
    [
      'an object as headers',
      start('200 OK', { 'Content-Type': 'text/plain' }),
      "startResponse got an object with the keys Content-Type as headers; write an array of pairs: [['Content-Type', 'text/plain']]",
    ],
    [
      'a list of objects as headers',
      start('200 OK', [{ name: 'Content-Type', value: 'text/plain' }]),
      "a header is an object with the keys name, value; objects, maps and lines of text are not looked into; write a pair: ['Content-Type', 'text/plain']",
    ],
    [
      'a number as header value',
      start('200 OK', [TYPE, ['Content-Length', 0]]),
      'a header is the pair [a string, a number]; both have to be strings',
    ],
    [
      'a line break in a header',
      start('200 OK', [TYPE, ['X', 'a\nb']]),
      'the value of the header "X" has the character U+000A; a header is one line without control characters',
    ],
    [
      'a tab in a header',
      start('200 OK', [TYPE, ['X', 'a\tb']]),
      'the value of the header "X" has a tab; PEP 3333 allows no control characters',
    ],
    [
      'white space around a header',
      start('200 OK', [TYPE, ['X', ' a']]),
      'the value of the header "X" begins or ends with white space, which gets lost',
    ],
    [
      'a header that is not Latin-1',
      start('200 OK', [TYPE, ['X', '\u20ac']]),
      'the value of the header "X" has the character U+20AC; encode it: Buffer.from(text).toString(\'latin1\'), or as RFC 8187 says',
    ],
    [
      'a colon in a header name',
      start('200 OK', [TYPE, ['X:', 'a']]),
      '"X:" is not a header name; letters, digits and hyphens are',
    ],
    [
      'a header name that ends with a hyphen',
      start('200 OK', [TYPE, ['X-', 'a']]),
      'the header name "X-" ends with -; names end with a letter or digit',
    ],
    [
      'an underscore in a header name',
      start('200 OK', [TYPE, ['X_Y', 'a']]),
      'the header name "X_Y" has an underscore; fronts drop such headers, use a hyphen',
    ],
    [
      'a Status header',
      start('200 OK', [TYPE, ['Status', '404 No']]),
      'the header "Status" would set the status a second time; give the status as first argument of startResponse',
    ],
    [
      'a hop-by-hop header',
      start('200 OK', [TYPE, ['Connection', 'close']]),
      'the header "Connection" is about the connection, which belongs to the server; leave it out',
    ],
    [
      'Transfer-Encoding',
      start('200 OK', [TYPE, ['Transfer-Encoding', 'chunked']]),
      'the header "Transfer-Encoding" is about the connection, which belongs to the server; leave it out',
    ],
    [
      'no Content-Type',
      start('200 OK', []),
      'the response has no Content-Type; say what the body is, servers do not guess',
    ],
    [
      'Content-Type with 204',
      start('204 No Content', [TYPE]),
      'the response is 204 and has a Content-Type; such a response has no body',
    ],
    [
      'Content-Length with 204',
      start('204 No Content', [['Content-Length', '0']]),
      'the response is 204 and has a Content-Length; such a response has no body',
    ],
    [
      'Content-Length twice',
      start('200 OK', [TYPE, ['Content-Length', '0'], ['Content-Length', '0']]),
      'Content-Length is there twice; send it once',
    ],
    [
      'a Content-Length that is no number',
      start('200 OK', [TYPE, ['Content-Length', 'many']]),
      'Content-Length "many" is not a number of bytes',
    ],
    [
      'an Error as excInfo',
      start('500 No', [TYPE], new TypeError('x')),
      'startResponse got an instance of TypeError as excInfo; write an object: { error }',
    ],
    [
      'startResponse twice',
      (_: Environ, s: Untyped) => (ok(s), ok(s), []),
      'startResponse was called a second time; to replace a response after an error, pass { error } as third argument',
    ],
    ['no startResponse', () => [text('a')], 'the body began before startResponse was called'],
    ['no startResponse and no body', () => [], 'the body ended, and startResponse was never called'],
    [
      'startResponse after the first chunk',
      function* (_: Environ, s: Untyped) {
        yield text('a')
        ok(s)
      },
      'the body began before startResponse was called',
    ],
    // the body
    [
      'no body',
      body(undefined),
      'the application returned undefined; return a list of Buffers, if only an empty one',
    ],
    ['null', body(null), 'the application returned null; return a list of Buffers, if only an empty one'],
    [
      'a bare string',
      body('hello'),
      'the application returned a bare string, which would be sent character by character; return a list: [Buffer.from(text)]',
    ],
    [
      'a bare Buffer',
      body(text('hello')),
      'the application returned bare bytes, which would be sent one number at a time; return a list: [buffer]',
    ],
    [
      'a number',
      body(42),
      'the application returned a number; return a list of Buffers, a generator or an async generator',
    ],
    [
      'a Response',
      body(new Response('x')),
      'the application returned an instance of Response; return a list of Buffers, a generator or an async generator',
    ],
    ['a list of strings', body(['hello']), 'a piece of the body is a string; encode it: Buffer.from(text)'],
    [
      'a generator of strings',
      function* (_: Environ, s: Untyped) {
        ok(s)
        yield 'hello'
      },
      'a piece of the body is a string; encode it: Buffer.from(text)',
    ],
    [
      'a close that is no method',
      body(Object.assign([text('x')], { close: true })),
      'close of the body is a boolean; it has to be a method',
    ],
    [
      'a body with 204',
      (_: Environ, s: Untyped) => (s('204 No Content', []), [text('x')]),
      'the response is 204 and has a body; such a response has none',
    ],
    [
      'more than declared',
      (_: Environ, s: Untyped) => (s('200 OK', [TYPE, ['Content-Length', '1']]), [text('ab')]),
      'the body has more than the 1 bytes of its Content-Length',
    ],
    [
      'less than declared',
      (_: Environ, s: Untyped) => (s('200 OK', [TYPE, ['Content-Length', '3']]), [text('ab')]),
      'the body has 2 bytes, and its Content-Length says 3',
    ],
    [
      'less than declared, from a generator',
      function* (_: Environ, s: Untyped) {
        s('200 OK', [TYPE, ['Content-Length', '3']])
        yield text('ab')
      },
      'the body has 2 bytes, and its Content-Length says 3',
    ],
    // write()
    [
      'write() with a string',
      write((w) => w('x')),
      'a piece of the body is a string; encode it: Buffer.from(text)',
    ],
    [
      'write() with two arguments',
      write((w) => w(text('x'), 'utf8')),
      'write() got 2 arguments; it takes one piece of body',
    ],
    [
      'write() without await',
      write((w) => {
        w(text('x'))
        w(text('y'))
      }),
      'write() was called while another write() was waiting; await each one, or memory fills up',
    ],
    // wsgi.input
    [
      'read with a string',
      read((input) => input.read('5')),
      'wsgi.input.read got a string; it takes a number of bytes',
    ],
    [
      'read with two arguments',
      read((input) => input.read(5, 5)),
      'wsgi.input.read got 2 arguments; it takes one at the most',
    ],
    [
      'readline with a fraction',
      read((input) => input.readline(1.5)),
      'wsgi.input.readline got a number; it takes a number of bytes',
    ],
    [
      'readlines with an object',
      read((input) => input.readlines({})),
      'wsgi.input.readlines got an empty object; it takes a number of bytes',
    ],
    [
      'two reads at a time',
      read((input) => Promise.all([input.read(1), input.read(1)])),
      'wsgi.input.read was called while another read was waiting; await one before the next one',
    ],
    [
      'close of the input',
      read((input) => input.close()),
      'wsgi.input was asked for "close"; the stream belongs to the server, and applications must not close it',
    ],
    [
      'the input as a Node stream',
      read((input) => input.on('data', () => undefined)),
      `wsgi.input was asked for "on"; ${NODE_STREAM}`,
    ],
    ['the input piped', read((input) => input.pipe({})), `wsgi.input was asked for "pipe"; ${NODE_STREAM}`],
    [
      'another method of the input',
      read((input) => input.seek(0)),
      'wsgi.input was asked for "seek"; only the methods of PEP 3333 are on every server',
    ],
    // wsgi.errors
    [
      'bytes written to errors',
      log((errors) => errors.write(text('x'))),
      'wsgi.errors.write got an instance of Buffer; it takes a string',
    ],
    [
      'two arguments to errors',
      log((errors) => errors.write('x', 'y')),
      'wsgi.errors.write got 2 arguments; it takes one',
    ],
    [
      'a bare string to writelines',
      log((errors) => errors.writelines('x\n')),
      'wsgi.errors.writelines got a bare string, which is a list of characters; use write',
    ],
    [
      'a number to writelines',
      log((errors) => errors.writelines(5)),
      'wsgi.errors.writelines got a number; it takes a list of strings',
    ],
    [
      'numbers to writelines',
      log((errors) => errors.writelines([5])),
      'wsgi.errors.write got a number; it takes a string',
    ],
    [
      'errors ended',
      log((errors) => errors.end()),
      'wsgi.errors was asked for "end"; the stream belongs to the server, and applications must not end it',
    ],
  ]

  it.each(WRONG)('finds %s', async (_, application, sentence) => {
    expect(await reported(application)).toEqual([sentence])
  })

  it('finds something that is no application', () => {
    expect(() => validator({} as unknown as Application)).toThrow(
      'validator got an empty object; an application is a function (environ, startResponse)',
    )
  })

  it('finds write() and startResponse after the end', async () => {
    let late: Untyped[] = []
    await reported(function* (_: Environ, start: Untyped) {
      late = [ok(start), start]
      yield text('a')
    })
    expect(() => late[0](text('x'))).toThrow('write() was called after the body was closed')
    expect(() => late[1]('500 No', [TYPE], { error: 1 })).toThrow(
      'startResponse was called after the body was closed',
    )
  })
})

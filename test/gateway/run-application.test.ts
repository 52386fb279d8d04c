import { describe, expect, it } from 'vitest'
import type {
  Application,
  Environ,
  HeaderPair,
  ResponseBody,
  StartResponse,
  Write,
} from '../../src/gateway/application.ts'
import { runApplication, type ApplicationRun } from '../../src/gateway/run-application.ts'
import { codeOf } from '../contract/feeds.ts'
import { RecordingSink, makeEnviron, settled } from './recording-sink.ts'

const text = (value: string) => Buffer.from(value)
const GONE = new Error('gone')
const TYPE: HeaderPair = ['Content-Type', 'text/plain']
const HEAD_500 =
  'head 500 Internal Server Error | Content-Type: text/plain; charset=utf-8 | Content-Length: 22'
const SENT_500 = [HEAD_500, 'write Internal Server Error\n', 'end']

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error ? codeOf(error) : error.message
}

async function run(application: unknown, method = 'GET'): Promise<{ calls: string[]; errors: string[] }> {
  const sink = new RecordingSink()
  const errors: string[] = []
  // The cast is the point of many cases: applications are not always typed.
  runApplication(application as Application, makeEnviron(method), sink, (error) =>
    errors.push(messageOf(error)),
  )
  await settled()
  return { calls: sink.calls, errors }
}

interface Case {
  readonly name: string
  readonly application: (environ: Environ, startResponse: StartResponse) => unknown
  readonly method?: string
  readonly calls: readonly string[]
  readonly errors?: readonly string[]
}

const ok = (start: StartResponse, ...headers: HeaderPair[]): Write => start('200 OK', [TYPE, ...headers])
const OK = 'head 200 OK | Content-Type: text/plain'

function* generator(start: StartResponse, ...chunks: string[]): Generator<Buffer> {
  ok(start)
  for (const chunk of chunks) yield text(chunk)
}

async function* asyncGenerator(start: StartResponse, ...chunks: string[]): AsyncGenerator<Buffer> {
  await Promise.resolve()
  ok(start)
  for (const chunk of chunks) yield text(chunk)
}

const CASES: Case[] = [
  {
    name: 'a list of one chunk, with its length',
    application: (_, start) => (ok(start), [text('hello')]),
    calls: [`${OK} | Content-Length: 5`, 'write hello', 'end'],
  },
  {
    name: 'a list of several chunks, with their length',
    application: (_, start) => (ok(start), [text('ab'), text(''), text('c')]),
    calls: [`${OK} | Content-Length: 3`, 'write ab', 'write c', 'end'],
  },
  {
    name: 'an empty list',
    application: (_, start) => (ok(start), []),
    calls: [`${OK} | Content-Length: 0`, 'end'],
  },
  {
    name: 'a length that the application declared',
    application: (_, start) => (ok(start, ['content-length', '5']), [text('hello')]),
    calls: [`${OK} | content-length: 5`, 'write hello', 'end'],
  },
  {
    name: 'a Uint8Array that is no Buffer',
    application: (_, start) => (ok(start), [new Uint8Array([104, 105])]),
    calls: [`${OK} | Content-Length: 2`, 'write hi', 'end'],
  },
  {
    name: 'a generator that calls startResponse itself',
    application: (_, start) => generator(start, 'a', '', 'b'),
    calls: [OK, 'write a', 'write b', 'end'],
  },
  {
    name: 'a generator without a chunk that is not empty',
    application: (_, start) => generator(start, '', ''),
    calls: [`${OK} | Content-Length: 0`, 'end'],
  },
  {
    name: 'an async generator',
    application: (_, start) => asyncGenerator(start, 'a', 'b'),
    calls: [OK, 'write a', 'write b', 'end'],
  },
  {
    name: 'an async function',
    application: async (_, start) => {
      await Promise.resolve()
      ok(start)
      return [text('later')]
    },
    calls: [`${OK} | Content-Length: 5`, 'write later', 'end'],
  },
  {
    name: 'an iterable that is no array',
    application: (_, start) => (ok(start), new Set([text('a'), text('b')])),
    calls: [OK, 'write a', 'write b', 'end'],
  },
  {
    name: 'write() before the body',
    application: (_, start) => {
      void ok(start)(text('w'))
      return [text('b')]
    },
    calls: [OK, 'write w', 'write b', 'end'],
  },
  {
    name: 'write() of nothing: the head leaves, no piece does',
    application: (_, start) => {
      void ok(start)(text(''))
      return [text('b')]
    },
    calls: [OK, 'flush', 'write b', 'end'],
  },
  {
    name: 'write() of nothing for HEAD',
    method: 'HEAD',
    application: (_, start) => {
      void ok(start)(text(''))
      return [text('b')]
    },
    calls: [`${OK} | Content-Length: 1`, 'end'],
  },
  {
    name: 'write() with a declared length',
    application: (_, start) => {
      void ok(start, ['Content-Length', '2'])(text('w'))
      return [text('b')]
    },
    calls: [`${OK} | Content-Length: 2`, 'write w', 'write b', 'end'],
  },
  {
    name: 'a response that replaces another one before its head was sent',
    application: (_, start) => {
      ok(start, ['X-Old', '1'])
      start('500 Oops', [TYPE], { error: new Error('first') })
      return [text('sorry')]
    },
    calls: ['head 500 Oops | Content-Type: text/plain | Content-Length: 5', 'write sorry', 'end'],
  },
  {
    name: 'excInfo after the head was sent: the application’s own error comes back',
    application: function* (_, start) {
      ok(start)
      yield text('a')
      start('500 Oops', [TYPE], { error: new Error('mine') })
    },
    calls: [OK, 'write a', 'abort mine'],
    errors: ['mine'],
  },
  {
    name: 'excInfo null as none',
    application: (_, start) => (start('200 OK', [TYPE], null), []),
    calls: [`${OK} | Content-Length: 0`, 'end'],
  },
  // HEAD, 204, 304 (J4)
  {
    name: 'HEAD with a list: the length, no body',
    method: 'HEAD',
    application: (_, start) => (ok(start), [text('hello')]),
    calls: [`${OK} | Content-Length: 5`, 'end'],
  },
  {
    name: 'HEAD with a generator: no length, no body',
    method: 'HEAD',
    application: (_, start) => generator(start, 'a', 'b'),
    calls: [OK, 'end'],
  },
  {
    name: 'HEAD with an empty generator: nothing is known of its length',
    method: 'HEAD',
    application: (_, start) => generator(start),
    calls: [OK, 'end'],
  },
  {
    name: 'HEAD with less body than declared: it is not compared',
    method: 'HEAD',
    application: (_, start) => (ok(start, ['Content-Length', '99']), []),
    calls: [`${OK} | Content-Length: 99`, 'end'],
  },
  {
    name: 'HEAD with several write()',
    method: 'HEAD',
    application: async (_, start) => {
      const write = ok(start)
      await write(text('a'))
      await write(text('b'))
      return []
    },
    calls: [OK, 'end'],
  },
  {
    name: '204 with a body and a length',
    application: (_, start) => (
      start('204 No Content', [
        ['X-A', '1'],
        ['Content-Length', '5'],
      ]),
      [text('hello')]
    ),
    calls: ['head 204 No Content | X-A: 1', 'end'],
  },
  {
    name: '304 with a body; its length is what a 200 would have',
    application: (_, start) => (start('304 Not Modified', [['Content-Length', '5']]), [text('hello')]),
    calls: ['head 304 Not Modified | Content-Length: 5', 'end'],
  },
  {
    name: '304 without a length',
    application: (_, start) => (start('304 Not Modified', []), []),
    calls: ['head 304 Not Modified | ', 'end'],
  },
  // Errors before the head
  {
    name: 'an application that throws',
    application: () => {
      throw new Error('boom')
    },
    calls: SENT_500,
    errors: ['boom'],
  },
  {
    name: 'an application that throws for HEAD',
    method: 'HEAD',
    application: () => {
      throw new Error('boom')
    },
    calls: [HEAD_500, 'end'],
    errors: ['boom'],
  },
  {
    name: 'an application that throws something that is no error',
    application: () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- applications do
      throw 'text'
    },
    calls: SENT_500,
    errors: ['text'],
  },
  {
    name: 'an application that rejects',
    application: () => Promise.reject(new Error('boom')),
    calls: SENT_500,
    errors: ['boom'],
  },
  {
    name: 'an application that throws after startResponse',
    application: (_, start) => {
      ok(start)
      throw new Error('boom')
    },
    calls: SENT_500,
    errors: ['boom'],
  },
  {
    name: 'a generator that throws at once',
    application: function* (_, start) {
      ok(start)
      yield text('')
      throw new Error('boom')
    },
    calls: SENT_500,
    errors: ['boom'],
  },
  {
    name: 'an async generator that throws at once',
    application: async function* (_, start) {
      ok(start)
      await Promise.resolve()
      yield text('')
      throw new Error('boom')
    },
    calls: SENT_500,
    errors: ['boom'],
  },
  // Errors mid-stream (J6)
  {
    name: 'a generator that throws after a chunk',
    application: function* (_, start) {
      ok(start)
      yield text('a')
      throw new Error('boom')
    },
    calls: [OK, 'write a', 'abort boom'],
    errors: ['boom'],
  },
  {
    name: 'an async generator that throws after a chunk',
    application: async function* (_, start) {
      ok(start)
      await Promise.resolve()
      yield text('a')
      throw new Error('boom')
    },
    calls: [OK, 'write a', 'abort boom'],
    errors: ['boom'],
  },
  {
    name: 'an application that throws after write()',
    application: (_, start) => {
      void ok(start)(text('a'))
      throw new Error('boom')
    },
    calls: [OK, 'write a', 'abort boom'],
    errors: ['boom'],
  },
  // startResponse (J2)
  {
    name: 'no startResponse',
    application: () => [text('x')],
    calls: SENT_500,
    errors: ['WSGI_NO_START_RESPONSE'],
  },
  {
    name: 'no startResponse and no body',
    application: () => [],
    calls: SENT_500,
    errors: ['WSGI_NO_START_RESPONSE'],
  },
  {
    name: 'startResponse after the first chunk',
    application: function* (_, start) {
      yield text('a')
      ok(start)
    },
    calls: SENT_500,
    errors: ['WSGI_NO_START_RESPONSE'],
  },
  {
    name: 'startResponse twice',
    application: (_, start) => (ok(start), ok(start), []),
    calls: SENT_500,
    errors: ['WSGI_HEADERS_SENT'],
  },
  {
    name: 'startResponse again after data',
    application: function* (_, start) {
      ok(start)
      yield text('a')
      ok(start)
    },
    calls: [
      OK,
      'write a',
      'abort startResponse was called a second time; to replace a response after an error, pass { error } as third argument',
    ],
    errors: ['WSGI_HEADERS_SENT'],
  },
  {
    name: 'an error as excInfo',
    application: (_, start) => {
      const untyped = start as (status: string, headers: HeaderPair[], excInfo: unknown) => void
      untyped('500 Oops', [], 'no object')
    },
    calls: SENT_500,
    errors: ['WSGI_BAD_EXC_INFO'],
  },
  // Bodies that are none
  ...([undefined, null, 42, {}, 'text', text('bytes'), () => [text('x')]] as unknown[]).map((body) => ({
    name: `${typeof body} ${String(body)} as body`,
    application: (_: Environ, start: StartResponse) => (ok(start), body),
    calls: SENT_500,
    errors: ['WSGI_BAD_BODY'],
  })),
  ...([undefined, null, 42, 'text', {}, [1, 2], new ArrayBuffer(1)] as unknown[]).map((chunk) => ({
    name: `${typeof chunk} ${String(chunk)} as chunk of a list`,
    application: (_: Environ, start: StartResponse) => (ok(start), [text('good'), chunk]),
    calls: SENT_500,
    errors: ['WSGI_BAD_CHUNK'],
  })),
  {
    name: 'a string as second chunk of a generator',
    application: function* (_, start) {
      ok(start)
      yield text('a')
      yield 'b'
    },
    calls: [OK, 'write a', 'abort a piece of the body is a string; encode it: Buffer.from(text)'],
    errors: ['WSGI_BAD_CHUNK'],
  },
  {
    name: 'a string given to write(), which nobody waits for',
    application: (_, start) => {
      const write = ok(start) as (data: unknown) => unknown
      write('text')
      return []
    },
    calls: SENT_500,
    errors: ['WSGI_BAD_CHUNK'],
  },
  // Declared length (J3)
  {
    name: 'a longer body than declared',
    application: (_, start) => (ok(start, ['Content-Length', '3']), [text('hello')]),
    calls: [`${OK} | Content-Length: 3`, 'write hel', 'end'],
    errors: ['WSGI_BODY_TOO_LONG'],
  },
  {
    name: 'more than declared by write()',
    application: (_, start) => {
      void ok(start, ['Content-Length', '3'])(text('hello'))
      return [text('x')]
    },
    calls: [`${OK} | Content-Length: 3`, 'write hel', 'end'],
    errors: ['WSGI_BODY_TOO_LONG'],
  },
  {
    name: 'chunks after the declared length',
    application: function* (_, start) {
      ok(start, ['Content-Length', '1'])
      yield text('a')
      yield text('')
      yield text('b')
      yield text('c')
    },
    calls: [`${OK} | Content-Length: 1`, 'write a', 'end'],
    errors: ['WSGI_BODY_TOO_LONG'],
  },
  {
    name: 'a body where none was declared',
    application: (_, start) => (ok(start, ['Content-Length', '0']), [text('a')]),
    calls: [`${OK} | Content-Length: 0`, 'end'],
    errors: ['WSGI_BODY_TOO_LONG'],
  },
  {
    name: 'a shorter body than declared',
    application: (_, start) => (ok(start, ['Content-Length', '9']), [text('hello')]),
    calls: [
      `${OK} | Content-Length: 9`,
      'write hello',
      'abort the body has 5 bytes, and Content-Length says 9',
    ],
    errors: ['WSGI_BODY_TOO_SHORT'],
  },
  {
    name: 'no body where one was declared: still a 500',
    application: (_, start) => (ok(start, ['Content-Length', '9']), []),
    calls: SENT_500,
    errors: ['WSGI_BODY_TOO_SHORT'],
  },
]

describe('runApplication', () => {
  it.each(CASES)('runs $name', async ({ application, method, calls, errors }) => {
    expect(await run(application, method)).toEqual({ calls, errors: errors ?? [] })
  })

  it('is through with a list before it returns', () => {
    const sink = new RecordingSink()
    runApplication(
      (_, start) => (ok(start), [text('x')]),
      makeEnviron(),
      sink,
      () => undefined,
    )
    expect(sink.calls.at(-1)).toBe('end')
  })

  it('keeps the method that the request had, whatever the application writes into the environ', async () => {
    const seen = await run((environ: Environ, start: StartResponse) => {
      environ.REQUEST_METHOD = 'HEAD'
      return (ok(start), [text('x')])
    })
    expect(seen.calls).toContain('write x')
  })

  it('does not change the list of headers, which may be a constant of the application', async () => {
    const headers: HeaderPair[] = [TYPE]
    await run((_: Environ, start: StartResponse) => (start('200 OK', headers), [text('x')]))
    expect(headers).toEqual([TYPE])
  })
})

/** A body that counts how it is ended. */
class Counted {
  closed = 0
  returned = 0
  #left: number
  readonly #fails: boolean

  constructor(chunks: number, fails = false) {
    this.#left = chunks
    this.#fails = fails
  }

  [Symbol.iterator](): Iterator<Buffer> {
    return {
      next: () => {
        if (this.#left-- > 0) return { done: false, value: text('x') }
        if (this.#fails) throw new Error('boom')
        return { done: true, value: undefined }
      },
      return: () => {
        this.returned++
        return { done: true, value: undefined }
      },
    }
  }

  close(): void {
    this.closed++
  }
}

describe('close()', () => {
  const start = (_: Environ, startResponse: StartResponse, body: ResponseBody) => (ok(startResponse), body)

  it.each([
    ['a whole body', new Counted(2), 'GET', 0],
    ['a body that fails', new Counted(1, true), 'GET', 0],
    ['a body that fails at once', new Counted(0, true), 'GET', 0],
    ['a body that HEAD does not want', new Counted(5), 'HEAD', 1],
  ])('is called once after %s', async (_, body, method, returned) => {
    await run((environ: Environ, startResponse: StartResponse) => start(environ, startResponse, body), method)
    expect([body.closed, body.returned]).toEqual([1, returned])
  })

  it('is called once when startResponse was never called', async () => {
    const body = new Counted(1)
    await run(() => body)
    expect([body.closed, body.returned]).toEqual([1, 1])
  })

  it('is called on a list and on something that is no body', async () => {
    let closed = 0
    const close = () => void closed++
    await run((_: Environ, s: StartResponse) => (ok(s), Object.assign([text('x')], { close })))
    await run((_: Environ, s: StartResponse) => (ok(s), { close }))
    expect(closed).toBe(2)
  })

  it('runs finally of a generator that is not wanted any more', async () => {
    const seen: string[] = []
    await run(function* (_: Environ, s: StartResponse) {
      try {
        ok(s)
        yield text('a')
        yield text('b')
      } finally {
        seen.push('finally')
      }
    }, 'HEAD')
    expect(seen).toEqual(['finally'])
  })

  it('reports an error of its own without changing the response', async () => {
    const bodies = [
      () => {
        throw new Error('close failed')
      },
      () => Promise.reject(new Error('close failed')),
    ]
    for (const close of bodies) {
      const seen = await run((_: Environ, s: StartResponse) => (ok(s), Object.assign([text('x')], { close })))
      expect(seen).toEqual({
        calls: [`${OK} | Content-Length: 1`, 'write x', 'end'],
        errors: ['close failed'],
      })
    }
  })
})

describe('back-pressure', () => {
  function slowRun(application: Application): { sink: RecordingSink; run: ApplicationRun; errors: string[] } {
    const sink = new RecordingSink()
    sink.slow = true
    const errors: string[] = []
    return {
      sink,
      errors,
      run: runApplication(application, makeEnviron(), sink, (error) => errors.push(messageOf(error))),
    }
  }

  const endless: [string, Application][] = [
    [
      'an endless generator',
      function* (_: Environ, start: StartResponse) {
        ok(start)
        for (;;) yield text('x')
      } as Application,
    ],
    [
      'an endless async generator',
      async function* (_: Environ, start: StartResponse) {
        ok(start)
        await Promise.resolve()
        for (;;) yield text('x')
      } as Application,
    ],
  ]

  it.each(endless)(
    'takes one chunk of %s at a time, and stops when the client is gone',
    async (_, application) => {
      const { sink, errors } = slowRun(application)
      await settled()
      expect(sink.calls).toEqual([OK, 'write x'])
      await sink.release()
      expect(sink.calls).toEqual([OK, 'write x', 'write x'])
      await sink.hangUp()
      expect(sink.calls).toEqual([OK, 'write x', 'write x', 'abort client gone'])
      expect(errors).toEqual([])
    },
  )

  it.each(endless)('gives the sink nothing after the run of %s was cancelled', async (_, application) => {
    const { sink, run } = slowRun(application)
    await settled()
    run.cancel(GONE)
    expect(run.over).toBe(true)
    await sink.release()
    expect(sink.calls).toEqual([OK, 'write x'])
  })

  it('goes on with a list where it stopped', async () => {
    const { sink } = slowRun((_, start) => (ok(start), ['a', 'b', 'c'].map(text)))
    for (const expected of [['write a'], ['write a', 'write b'], ['write a', 'write b', 'write c']]) {
      expect(sink.calls.slice(1)).toEqual(expected)
      await sink.release()
    }
    expect(sink.calls.at(-1)).toBe('end')
  })

  it('keeps write() in order though nobody waits, and the body behind it', async () => {
    const { sink } = slowRun((_, start) => {
      const write = ok(start)
      void write(text('1'))
      void write(text('2'))
      return [text('3')]
    })
    await settled()
    for (const expected of [['write 1'], ['write 1', 'write 2'], ['write 1', 'write 2', 'write 3']]) {
      expect(sink.calls.slice(1)).toEqual(expected)
      await sink.release()
    }
    expect(sink.calls.at(-1)).toBe('end')
  })

  it('waits for a write() that is still on its way when the body begins', async () => {
    const { sink } = slowRun(async (_, start) => {
      const write = ok(start)
      const first = write(text('1'))
      void write(text('2'))
      await first
      return [text('3')]
    })
    await settled()
    await sink.release()
    expect(sink.calls.slice(1)).toEqual(['write 1', 'write 2'])
    await sink.release()
    expect(sink.calls.slice(1)).toEqual(['write 1', 'write 2', 'write 3'])
  })

  it('closes a body that waits when write() ends the response', async () => {
    const body = new Counted(3)
    let write: Write | undefined
    const { sink, run, errors } = slowRun((_, start) => {
      write = ok(start, ['Content-Length', '2'])
      return body
    })
    void write?.(text('too long'))
    expect(run.over).toBe(true)
    await sink.release()
    expect([body.closed, body.returned, errors]).toEqual([1, 1, ['WSGI_BODY_TOO_LONG']])
    expect(sink.calls.slice(1)).toEqual(['write x', 'write t', 'end'])
  })

  it('fails at the end of a body when a write() in its middle was wrong', async () => {
    const seen = await run(function* (_: Environ, start: StartResponse) {
      const write = ok(start) as (data: unknown) => unknown
      yield text('a')
      write('text')
      yield text('b')
    })
    expect(seen.errors).toEqual(['WSGI_BAD_CHUNK'])
    expect(seen.calls.at(-1)).toMatch(/^abort /)
  })

  it('lets a write() that is waited for reject when the client is gone', async () => {
    const seen: string[] = []
    const { sink, errors } = slowRun(async (_, start) => {
      await ok(start)(text('1')).catch((error: unknown) => seen.push(messageOf(error)))
      return []
    })
    await settled()
    await sink.hangUp()
    expect(seen).toEqual(['client gone'])
    expect(errors).toEqual([])
  })

  it('rejects write() after the end, without an unhandled rejection', async () => {
    const seen: string[] = []
    let write: Write | undefined
    await run((_: Environ, start: StartResponse) => ((write = ok(start)), []))
    void write?.(text('not waited for'))
    await write?.(text('late')).catch((error: unknown) => seen.push(messageOf(error)))
    expect(seen).toEqual(['WSGI_WRITE_AFTER_END'])
  })

  it('closes the body of an application that answers after it was cancelled', async () => {
    const body = new Counted(1)
    let answer: ((body: ResponseBody) => void) | undefined
    const { sink, run } = slowRun(() => new Promise((resolve) => (answer = resolve)))
    run.cancel(GONE)
    answer?.(body)
    await settled()
    expect([body.closed, sink.calls]).toEqual([1, []])
  })

  it('closes a body that waits when it is cancelled, once', async () => {
    const body = new Counted(3)
    const { sink, run } = slowRun((_, start) => (ok(start), body))
    run.cancel(GONE)
    run.cancel(GONE)
    await sink.release()
    expect([body.closed, body.returned]).toEqual([1, 1])
  })

  it.each<[string, (start: StartResponse) => unknown]>([
    ['begins its response', (start) => (ok(start), [text('late')])],
    ['writes and waits for it', async (start) => (await ok(start)(text('late')), [])],
    ['ends for the reason that it was told', () => Promise.reject(GONE)],
  ])('does not blame an application that %s after it was cancelled', async (_, late) => {
    const told = Promise.withResolvers<undefined>()
    const { sink, run, errors } = slowRun(async (_environ, start) => {
      await told.promise
      return late(start) as ResponseBody
    })
    run.cancel(GONE)
    told.resolve(undefined)
    await settled()
    expect([sink.calls, errors]).toEqual([[], []])
  })

  it('blames one that fails for another reason after it was cancelled', async () => {
    const told = Promise.withResolvers<never>()
    const { run, errors } = slowRun(() => told.promise)
    run.cancel(GONE)
    told.reject(new Error('broken'))
    await settled()
    expect(errors).toEqual(['broken'])
  })
})

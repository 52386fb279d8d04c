/** What the matrix asks of every application, by the first segment of the path. */
import { createHash } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import type { Application, Environ, StartResponse } from '../../../src/gateway/application.ts'

type View = (environ: Environ, startResponse: StartResponse, mark: string) => ReturnType<Application>

const TEXT = ['Content-Type', 'text/plain'] as const
const UNBUFFERED = ['X-Accel-Buffering', 'no'] as const

const mark = (name: string): URL => new URL(`marks/${name}`, import.meta.url)
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const VIEWS: Readonly<Record<string, View>> = {
  hello(_, startResponse) {
    startResponse('200 OK', [TEXT, ['Content-Length', '6']])
    return [Buffer.from('hello\n')]
  },
  environ(environ, startResponse) {
    const told = Object.entries(environ).filter(([, value]) => typeof value === 'string')
    startResponse('200 OK', [['Content-Type', 'application/json']])
    return [Buffer.from(JSON.stringify(Object.fromEntries(told)))]
  },
  async digest(environ, startResponse) {
    const { REQUEST_METHOD, CONTENT_LENGTH = '', QUERY_STRING } = environ
    const hash = createHash('sha256')
    let length = 0
    for await (const piece of environ['wsgi.input']) {
      length += piece.length
      hash.update(piece)
    }
    startResponse('200 OK', [TEXT])
    return [Buffer.from([REQUEST_METHOD, CONTENT_LENGTH, length, hash.digest('hex'), QUERY_STRING].join(' '))]
  },
  fields(_, startResponse) {
    startResponse('201 Created', [TEXT, ['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2'], ['X-Latin', 'caf\xe9']])
    return [Buffer.from('fields')]
  },
  missing(_, startResponse) {
    startResponse('404 Not Found', [TEXT])
    return [Buffer.from('nothing here\n')]
  },
  nothing(_, startResponse) {
    startResponse('204 No Content', [])
    return []
  },
  elsewhere(_, startResponse) {
    startResponse('302 Found', [TEXT, ['Location', '/elsewhere?x=y']])
    return []
  },
  long(environ, startResponse) {
    const told = Object.entries(environ).flatMap(([name, value]) =>
      name.startsWith('HTTP_X_LONG_') ? [String(value).length] : [],
    )
    startResponse('200 OK', [TEXT])
    return [Buffer.from(`${told.length} ${told.reduce((sum, length) => sum + length, 0)}`)]
  },
  async *stream(_, startResponse, name) {
    startResponse('200 OK', [TEXT, UNBUFFERED])
    yield Buffer.from('first\n')
    for (let turn = 0; turn < 2000 && !existsSync(mark(`go-${name}`)); turn += 1) await wait(10)
    yield Buffer.from('last\n')
  },
  *large(_, startResponse) {
    startResponse('200 OK', [TEXT])
    for (let number = 0; number < 64; number += 1) yield Buffer.alloc(65_536, number)
  },
  boom(_environ, _startResponse, name) {
    throw new Error(`broken on purpose ${name}`)
  },
  async *half(_, startResponse) {
    startResponse('200 OK', [TEXT, UNBUFFERED, ['Content-Length', '10']])
    yield Buffer.from('half')
    await wait(50)
    throw new Error('broken half-way')
  },
  async *forever(_, startResponse, name) {
    startResponse('200 OK', [TEXT, UNBUFFERED])
    let turn = 0
    try {
      for (; turn < 1000; turn += 1) {
        yield Buffer.from('tick\n')
        await wait(20)
      }
    } finally {
      if (turn < 1000) writeFileSync(mark(`gone-${name}`), '')
    }
  },
}

export const application: Application = (environ, startResponse) => {
  const [, name = '', rest = ''] = environ.PATH_INFO.split('/')
  const view = VIEWS[name]
  if (!view) throw new Error(`no view of the path ${environ.PATH_INFO}`)
  return view(environ, startResponse, rest)
}

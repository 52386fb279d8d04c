import type { IncomingMessage } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { nodeApplication } from '../../../src/app/adapters/node-application.ts'
import { encodeRequest } from '../../../src/protocol/uwsgi/request-encoder.ts'
import { AppServerUnderTest } from '../../support/app-server.ts'

let server: AppServerUnderTest | undefined
afterEach(() => server?.close())

test.each([true, false])(
  'a listener that answers before it has read a body gets no end of it (listens to errors: %s)',
  async (listens) => {
    const heard = Promise.withResolvers<string>()
    const follow = (request: IncomingMessage): void => {
      request.once('end', () => heard.resolve('end'))
      if (listens) request.once('error', ({ message }) => heard.resolve(message))
      else request.once('close', () => heard.resolve('close'))
      request.resume()
    }
    const application = nodeApplication((request, response) => {
      follow(request)
      request.once('data', () => response.end('at once'))
    })
    server = await new AppServerUnderTest(application, 'uwsgi').listen()
    const socket = await server.connect()
    const vars = ['REQUEST_METHOD', 'POST', 'PATH_INFO', '/', 'CONTENT_LENGTH', '1000000']
    socket.write(encodeRequest(vars))
    socket.write(Buffer.alloc(1000))
    expect(await heard.promise).toBe(
      listens ? 'the response ended before the whole body was read, and the rest of it was dropped' : 'close',
    )
    expect(server.lines).toEqual([])
  },
)

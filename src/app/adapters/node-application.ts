/**
 * A listener of Node's `http` as an application: Express, Koa, Fastify and plain `(request, response)` functions get
 * real messages of Node, and what they write goes to whichever gateway protocol the front speaks.
 */
import type { OutgoingHttpHeaders } from 'node:http'
import { IncomingMessage, ServerResponse } from '../../io/node-http.ts'
import type { Application, Environ, HeaderPair, ResponseBody } from '../../gateway/application.ts'
import type { Socket } from '../../io/socket.ts'
import { flatHeaders, originTarget } from './environ-headers.ts'
import { GatewaySocket } from './gateway-socket.ts'

/** Whatever it returns: an `async` listener's promise is looked at, anything else is not. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => unknown

/** Not a list: the length of the body is the listener's to declare. */
const NOTHING_MORE: ResponseBody = { *[Symbol.iterator]() {} }

export function nodeApplication(listener: NodeListener): Application {
  return (environ, startResponse) => {
    const socket = new GatewaySocket(environ, startResponse)
    // It is no net.Socket; it has of one what messages and frameworks use.
    const connection = socket as unknown as Socket
    const request = incoming(environ, connection)
    const response = new ServerResponse(request)
    response.sendDate = false
    response.shouldKeepAlive = false
    response.writeHead = writeUnframedHead
    const trailers = environ['portico.trailers']
    if (trailers) response.addTrailers = (fields) => trailers(pairsOf(fields))
    response.assignSocket(connection)
    socket.feed(request)
    const { promise, resolve, reject } = Promise.withResolvers<ResponseBody>()
    const cancelled = (): void => {
      resolve(NOTHING_MORE)
      request.destroy(connectionReset())
      socket.destroy()
    }
    const signal = environ['portico.signal']
    if (signal instanceof AbortSignal) signal.addEventListener('abort', cancelled, { once: true })
    response.once('finish', () => {
      response.detachSocket(connection)
      resolve(NOTHING_MORE)
      queueMicrotask(() => {
        response.destroyed = true
        response.emit('close')
      })
    })
    socket.on('drain', () => tellDrain(response, socket))
    socket.once('error', ignore)
    socket.once('close', () => {
      // What the gateway refused it has reported; what the listener broke off is an error of its own.
      if (socket.writeFailed) resolve(NOTHING_MORE)
      else
        reject(socket.errored ?? new Error('the application closed the connection before the response ended'))
    })
    run(listener, request, response, reject)
    return promise
  }
}

function incoming(environ: Environ, connection: Socket): IncomingMessage {
  const request = new IncomingMessage(connection)
  request.method = environ.REQUEST_METHOD
  request.url = originTarget(environ)
  request.rawHeaders = flatHeaders(environ)
  request.headers = joined(request.rawHeaders)
  const old = environ.SERVER_PROTOCOL === 'HTTP/1.0'
  request.httpVersionMajor = 1
  request.httpVersionMinor = old ? 0 : 1
  request.httpVersion = old ? '1.0' : '1.1'
  return request
}

/** The environ has each name once. */
function joined(flat: readonly string[]): NodeJS.Dict<string> {
  const headers: NodeJS.Dict<string> = {}
  for (let index = 0; index + 1 < flat.length; index += 2) headers[flat[index] ?? ''] = flat[index + 1] ?? ''
  return headers
}

/** What the server of Node does for its sockets. The response would remember for ever that it had to wait once. */
function tellDrain(response: ServerResponse, socket: GatewaySocket): void {
  Object.defineProperty(response, 'writableNeedDrain', {
    get: () => socket.writableNeedDrain,
    configurable: true,
  })
  response.emit('drain')
}

/** On its own, an error of a listener would be the whole process's. */
function run(
  listener: NodeListener,
  request: IncomingMessage,
  response: ServerResponse,
  reject: (reason: unknown) => void,
): void {
  try {
    const result = listener(request, response)
    if (result instanceof Promise) result.catch(reject)
  } catch (error) {
    reject(error)
  }
}

/**
 * As the class's own; the body that follows is written as it is. An own property, because Express gives its responses
 * another prototype.
 */
function writeUnframedHead(this: ServerResponse, ...args: unknown[]): ServerResponse {
  Reflect.apply(Reflect.get(ServerResponse.prototype, 'writeHead'), this, args)
  this.chunkedEncoding = false
  return this
}

/** Node writes them behind a body that it frames itself, and ours is the gateway's. */
function pairsOf(fields: OutgoingHttpHeaders | readonly (readonly [string, string])[]): HeaderPair[] {
  if (Array.isArray(fields)) return fields.map(([name, value]): HeaderPair => [name, value])
  return Object.entries(fields).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): HeaderPair => [name, String(one)]),
  )
}

/** As Node says it of a client that went away. */
function connectionReset(): Error {
  return Object.assign(new Error('aborted'), { code: 'ECONNRESET' })
}

function ignore(): void {}

/**
 * Files by serve-static. The front has chosen the file by then: root or alias, index, try_files, rewrites. What is not
 * just a file (a folder, an error's page, one that filters change) stays the front's own.
 */
import { basename, dirname } from 'node:path'
import serveStatic from 'serve-static'
import { lookUpFile } from '../front/look-up-file.ts'
import { mimeType } from '../front/mime-types.ts'
import { DONE } from '../front/outcome.ts'
import { finishWithStatus } from '../front/phases.ts'
import type { Request } from '../front/request.ts'
import { contentTypeOf } from '../front/response-head.ts'
import { applyFilters } from '../front/response.ts'
import type { PhaseHandler } from '../front/server-config.ts'
import { requestFilename } from '../front/variables.ts'
import { filePath } from '../util/file-path.ts'
import { ResponseTransport } from './response-transport.ts'

type StaticHandler = ReturnType<typeof serveStatic>

/** `front` is the front's own handler. */
export function staticAnswer(front: PhaseHandler): PhaseHandler {
  const byFolder = new Map<string, StaticHandler>()
  return (request) => {
    const transport = request.connection.io
    if (!(transport instanceof ResponseTransport) || !isPlain(request)) return front(request)
    const name = requestFilename(request)
    const found = lookUpFile(request, name)
    if (found.kind !== 'file') return front(request)
    describe(request, found.mtimeSeconds, found.size)
    if (request.output) {
      request.resetRepresentation()
      return front(request)
    }
    const path = filePath(name)
    const folder = dirname(path)
    let handler = byFolder.get(folder)
    if (!handler) byFolder.set(folder, (handler = serveStatic(folder, OPTIONS)))
    answer(request, transport, handler, `/${encodeURIComponent(basename(path))}`)
    return DONE
  }
}

const OPTIONS: serveStatic.ServeStaticOptions = {
  dotfiles: 'allow', // the conf says what may be had
  fallthrough: false,
  index: false,
  redirect: false,
}

function isPlain({ method, uri, errorStatus, parent, pathReplaced, limitRate }: Request): boolean {
  return (
    (method === 'GET' || method === 'HEAD') &&
    !uri.endsWith('/') &&
    errorStatus === 0 &&
    parent === undefined &&
    !pathReplaced &&
    limitRate <= 0
  )
}

/** The fields by which filters and `add_header` know the response. */
function describe(request: Request, mtimeSeconds: number, size: number): void {
  request.status = 200
  request.contentType ??= mimeType(request.location.settings, request.uri)
  request.lastModified = mtimeSeconds
  request.contentLength = size
  applyFilters(request)
}

function answer(request: Request, transport: ResponseTransport, handler: StaticHandler, url: string): void {
  const { response, message } = transport
  transport.handOff(request)
  const type = contentTypeOf(request)
  if (type !== undefined) response.setHeader('Content-Type', type)
  const { extraHeaders } = request
  for (let index = 0; index + 1 < extraHeaders.length; index += 2)
    response.appendHeader(extraHeaders[index] ?? '', extraHeaders[index + 1] ?? '')
  response.sendDate = true
  const asked = message.url
  message.url = url
  handler(message, response, (error) => {
    message.url = asked
    fail(request, transport, error)
  })
  message.url = asked
}

/** 412, 416, or a file that went away: the front's page for it. */
function fail(
  request: Request,
  { response }: ResponseTransport,
  error: Parameters<Parameters<StaticHandler>[2]>[0],
): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  response.sendDate = false
  // a range is judged behind the filters, a condition before them: as when the front sends the file
  if (error?.status === 416) request.acceptRanges = false
  else request.resetResponse()
  for (const [name, value] of Object.entries(error?.headers ?? {})) request.addHeader(name, value)
  finishWithStatus(request, error?.status ?? 404)
}

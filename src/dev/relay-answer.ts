/** The answer of an upstream, as node:http read it, on its way through the front. */
import type { IncomingMessage } from 'node:http'
import { HeaderTable } from '../http/header-table.ts'
import { failRequest } from '../front/phases.ts'
import { waitForRoom } from '../front/response-output.ts'
import { beginStream, endStream, hasBody, sendHeadOnly, writeChunk } from '../front/response.ts'
import { applyUpstreamHead, otherAnswer } from '../front/upstream/response-fields.ts'
import type { ProxiedRequest } from './proxied-request.ts'

export function relayAnswer(proxied: ProxiedRequest, answer: IncomingMessage): void {
  try {
    relay(proxied, answer)
  } catch (error) {
    answer.destroy()
    failRequest(proxied.request, error)
  }
}

function relay(proxied: ProxiedRequest, answer: IncomingMessage): void {
  const { request, settings } = proxied
  const { statusCode: status = 502, statusMessage: reason = '' } = answer
  const head = { status, reason, headers: tableOf(answer.rawHeaders) }
  proxied.answered(head.status, head.headers)
  const other = otherAnswer(request, head, settings)
  if (other) {
    answer.resume()
    other(request)
    return
  }
  applyUpstreamHead(request, head, settings)
  if (request.errorStatus > 0) request.status = request.errorStatus
  if (!hasBody(request)) {
    answer.resume()
    sendHeadOnly(request)
    return
  }
  const room = beginStream(request)
  const listener = { onDrain: () => void answer.resume(), onGone: () => void answer.destroy() }
  const wait = (): void => {
    answer.pause()
    waitForRoom(request, listener)
  }
  answer.on('data', (chunk: Buffer) => {
    if (request.finished) answer.destroy()
    else if (!writeChunk(request, chunk)) wait()
  })
  answer.on('end', () => {
    if (!request.finished) endStream(request)
  })
  answer.on('error', () => {
    if (!request.finished) request.connection.abort()
  })
  if (!room) wait()
}

function tableOf(rawHeaders: readonly string[]): HeaderTable {
  const table = new HeaderTable()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    table.add(name.toLowerCase(), name, rawHeaders[index + 1] ?? '')
  }
  return table
}

/** `portico probe URL`: one request, for the health checks of container engines, which know no gateway protocol. */
import { parseArgs } from 'node:util'
import { CGI_RESPONSE_LIMITS, CgiResponseHeadDecoder } from '../gateway/cgi-response.ts'
import { dial } from '../io/dial.ts'
import { parseSocketAddress } from '../io/socket-address.ts'
import { FCGI_RESPONDER } from '../protocol/fastcgi/record.ts'
import { requestText, stdinEndText } from '../protocol/fastcgi/request-encoder.ts'
import { FastcgiResponseDecoder } from '../protocol/fastcgi/response-decoder.ts'
import { strerror } from '../util/strerror.ts'
import { COMMANDS } from './help/command-table.ts'
import { helpText, usageText } from './help/help-text.ts'

const DEFAULT_TIMEOUT_SECONDS = 4
const FIRST_BAD_STATUS = 400
const REQUEST_ID = 1

class ProbeUsageError extends Error {}

interface Probe {
  readonly url: URL
  readonly timeoutMs: number
}

/** Answers the exit code. */
export async function probeCommand(argv: readonly string[]): Promise<number> {
  let probe
  try {
    probe = readArguments(argv)
  } catch (error) {
    process.stderr.write(`portico: ${messageOf(error)}\n${usageText('probe')}`)
    return 1
  }
  if (!probe) {
    process.stdout.write(helpText('probe'))
    return 0
  }
  try {
    const status = await ask(probe)
    process.stdout.write(`${status}\n`)
    return status < FIRST_BAD_STATUS ? 0 : 1
  } catch (error) {
    process.stderr.write(`portico: probe ${probe.url.href}: ${messageOf(error)}\n`)
    return 1
  }
}

/** Undefined when only help was asked for. @throws ProbeUsageError, TypeError of `parseArgs` */
function readArguments(argv: readonly string[]): Probe | undefined {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: COMMANDS.probe.options,
  })
  if (values.help) return undefined
  const [text = '', ...rest] = positionals
  const url = URL.parse(text)
  if (rest.length > 0 || !url || !['http:', 'https:', 'fastcgi:'].includes(url.protocol))
    throw new ProbeUsageError(`probe: invalid URL "${positionals.join(' ')}"`)
  if (url.protocol === 'fastcgi:' && url.port === '') throw new ProbeUsageError(`probe: no port in "${text}"`)
  const seconds = Number(values.timeout ?? DEFAULT_TIMEOUT_SECONDS)
  if (!(seconds > 0 && seconds <= 3600)) throw new ProbeUsageError('probe: invalid --timeout')
  return { url, timeoutMs: seconds * 1000 }
}

/** The status. Rejects where none came in time. */
async function ask({ url, timeoutMs }: Probe): Promise<number> {
  const signal = AbortSignal.timeout(timeoutMs)
  if (url.protocol === 'fastcgi:') return askFastcgi(url, signal)
  const response = await fetch(url, { signal, redirect: 'manual' })
  await response.body?.cancel()
  return response.status
}

/** RFC 3875's variables of a GET without anything special. */
function paramsOf({ hostname, host, port, pathname, search }: URL): string[] {
  const query = search.slice(1)
  return [
    ...['GATEWAY_INTERFACE', 'CGI/1.1', 'SERVER_PROTOCOL', 'HTTP/1.1', 'REQUEST_METHOD', 'GET'],
    ...['SCRIPT_NAME', '', 'PATH_INFO', environText(pathname), 'QUERY_STRING', query],
    ...['REQUEST_URI', pathname + search, 'SERVER_NAME', hostname, 'SERVER_PORT', port],
    ...['REMOTE_ADDR', '127.0.0.1', 'HTTP_HOST', host, 'PORTICO_PRIORITY', 'high'],
  ]
}

/** An environ holds bytes as Latin-1. */
function environText(pathname: string): string {
  return Buffer.from(decodeURIComponent(pathname)).toString('latin1')
}

function askFastcgi(url: URL, signal: AbortSignal): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const socket = dial(parseSocketAddress(url.host))
  const records = new FastcgiResponseDecoder()
  const answer = new CgiResponseHeadDecoder({ ...CGI_RESPONSE_LIMITS, headBytes: 65_536 })
  const read = (bytes: Buffer): void => {
    records.receive(bytes)
    for (let event = records.next(); event; event = records.next()) {
      if (event.type === 'stdout') answer.receive(event.data)
      const head = event.type === 'stdout' ? answer.next() : undefined
      if (head) resolve(head.status)
      if (event.type === 'end') reject(new Error('the application ended the request without an answer'))
    }
  }
  socket.on('data', (bytes: Buffer) => {
    try {
      read(bytes)
    } catch (error) {
      reject(error instanceof Error ? error : new Error(String(error)))
    }
  })
  socket.on('error', reject)
  socket.on('close', () => reject(new Error('the connection was closed without an answer')))
  signal.addEventListener('abort', () => reject(new Error('no answer in time')))
  records.open(REQUEST_ID)
  const text = requestText(REQUEST_ID, FCGI_RESPONDER, false, paramsOf(url)) + stdinEndText(REQUEST_ID)
  socket.write(text, 'latin1')
  return promise.finally(() => socket.destroy())
}

/** What went wrong, and where fetch says only that something did, what that was. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause instanceof Error) return messageOf(error.cause)
  if (error.name === 'TimeoutError') return 'no answer in time'
  return 'code' in error && 'syscall' in error
    ? `${String(error.syscall)}() failed (${strerror(error)})`
    : error.message
}

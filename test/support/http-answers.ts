/** Reads what a server sent into its answers. Strict: whatever does not fit is an error of the server. */

export interface HttpAnswer {
  readonly status: number
  readonly statusLine: string
  /** Lower-case names; values of a repeated name joined by LF. */
  readonly headers: ReadonlyMap<string, string>
  /** Decoded where it was chunked. */
  readonly body: string
  /** Whether the head says that the connection closes after it. */
  readonly closes: boolean
}

/**
 * `methods` are those of the requests, in order: an answer to HEAD has no body. No more than `most` final answers are
 * read.
 */
export function readAnswers(text: string, methods: readonly string[] = [], most = Infinity): HttpAnswer[] {
  const answers: HttpAnswer[] = []
  let at = 0
  let index = 0
  while (at < text.length && index < most) {
    const { answer, end } = readAnswer(text, at, methods[index] ?? 'GET')
    answers.push(answer)
    at = end
    if (answer.status >= 200) index += 1
  }
  return answers
}

function readAnswer(text: string, start: number, method: string): { answer: HttpAnswer; end: number } {
  const headEnd = text.indexOf('\r\n\r\n', start)
  if (headEnd < 0) throw new Error(`no whole head: ${JSON.stringify(text.slice(start, start + 200))}`)
  const [statusLine = '', ...lines] = text.slice(start, headEnd).split('\r\n')
  const match = /^HTTP\/1\.1 (\d{3}) /.exec(statusLine)
  if (!match) throw new Error(`no status line: ${JSON.stringify(statusLine.slice(0, 200))}`)
  const status = Number(match[1])
  const headers = readFields(lines)
  const { body, end } = readBody(text, headEnd + 4, status, method, headers)
  return {
    answer: { status, statusLine, headers, body, closes: headers.get('connection') === 'close' },
    end,
  }
}

function readFields(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(': ')
    if (colon <= 0) throw new Error(`no field line: ${JSON.stringify(line)}`)
    const name = line.slice(0, colon).toLowerCase()
    const before = headers.get(name)
    const value = line.slice(colon + 2)
    headers.set(name, before === undefined ? value : `${before}\n${value}`)
  }
  return headers
}

function readBody(
  text: string,
  start: number,
  status: number,
  method: string,
  headers: ReadonlyMap<string, string>,
): { body: string; end: number } {
  if (status < 200 || status === 204 || status === 304 || method === 'HEAD') return { body: '', end: start }
  if (headers.get('transfer-encoding') === 'chunked') return readChunks(text, start)
  const length = headers.get('content-length')
  if (length === undefined) return { body: text.slice(start), end: text.length }
  const end = start + Number(length)
  if (end > text.length) throw new Error(`body of ${text.length - start} bytes instead of ${length}`)
  return { body: text.slice(start, end), end }
}

function readChunks(text: string, start: number): { body: string; end: number } {
  let body = ''
  let at = start
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at)
    const size = lineEnd < 0 ? NaN : Number.parseInt(text.slice(at, lineEnd), 16)
    if (!Number.isInteger(size)) throw new Error(`no chunk size: ${JSON.stringify(text.slice(at, at + 50))}`)
    const data = lineEnd + 2
    body += text.slice(data, data + size)
    if (text.slice(data + size, data + size + 2) !== '\r\n') throw new Error('chunk without its CRLF')
    at = data + size + 2
    if (size === 0) return { body, end: at }
  }
}

/** Asks a server and masks what two servers must answer differently: names, ports, clocks, boundaries. */
import { formatHttpDate } from '../../../src/http/http-date.ts'
import { sendRaw } from '../../support/raw-client.ts'
import type { Case } from './cases.ts'
import { SHARED_FILES } from './shared-conf.ts'

export const MODIFIED_SECONDS = 1_700_000_000
const SIZE_OF_A = SHARED_FILES['a.txt']?.length ?? 0
const ETAG = `"${MODIFIED_SECONDS.toString(16)}-${SIZE_OF_A.toString(16)}"`
/** A server that has nothing more to say says nothing for so long. */
const QUIET_MS = 250

export interface Ports {
  readonly first: number
  readonly second: number
}

/** What came back and whether the server closed. */
export interface Outcome {
  readonly text: string
  readonly closed: boolean
}

/** `read` makes of an answer what is compared, before anything is masked. */
export async function ask(
  ports: Ports,
  { bytes, second, methods }: Case,
  read: (text: string) => string = (text) => text,
  quietMs = QUIET_MS,
): Promise<Outcome> {
  const text = bytes.replaceAll('$LM', formatHttpDate(MODIFIED_SECONDS)).replaceAll('$ETAG', ETAG)
  const port = second ? ports.second : ports.first
  const answer = await sendRaw(port, text, { quietMs })
  return { text: mask(read(answer.text), ports, methods.includes('HEAD')), closed: answer.closed }
}

function mask(text: string, ports: Ports, head: boolean): string {
  const page =
    /Content-Length: (\d+)(\r\n(?:[^\r]+\r\n)*\r\n<html>(?:(?!<\/html>)[^])*<center>)((?:nginx|portico)[/\w.]*)/g
  return text
    .replaceAll(/(?<=HTTP\/1\.1 .*\r\n)(?:[\w-]+:.*\r\n)+(?=\r\n)/gm, sortLines)
    .replace(page, (_all, length: string, between: string, name: string) => {
      return `Content-Length: ${Number(length) - name.length}+SERVER${between}${name}`
    })
    .replace(/^(HTTP\/1\.1 [345](?:(?!\r\n\r\n)[^])*Content-Length: )\d+/gm, head ? '$1(of a page)' : '$&')
    .replaceAll(/<center>(nginx|portico)[/\w.]*<\/center>/g, '<center>SERVER</center>')
    .replaceAll(/^Server: (nginx|portico)(\/)?.*$/gm, 'Server: SERVER$2')
    .replaceAll(/^(Date|Expires): .*GMT\r$/gm, maskTime)
    .replaceAll(/^Last-Modified: (.*GMT)\r$/gm, maskRecent)
    .replaceAll(/^ETag: "([0-9a-f]{8})-/gm, maskRecentTag)
    .replaceAll(/\b\d{20}\b/g, 'BOUNDARY')
    .replaceAll(`:${ports.first}`, ':PORT')
    .replaceAll(`:${ports.second}`, ':PORT2')
}

/** Their order has no meaning but among fields of one name. */
function sortLines(fields: string): string {
  const nameOf = (line: string): string => line.slice(0, line.indexOf(':')).toLowerCase()
  const lines = fields.split('\r\n').filter((line) => line !== '')
  return (
    lines.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0)).join('\r\n') + '\r\n'
  )
}

/** Those of `expires max` and `epoch` are the same everywhere. */
function maskTime(line: string, name: string): string {
  return / (1970|2037) /.test(line) ? line : `${name}: TIME`
}

/** Of a file that was written meanwhile: once by each server, and the second may change between the two. */
function maskRecent(line: string, date: string): string {
  return isRecent(Date.parse(date)) ? 'Last-Modified: NOW\r' : line
}

function maskRecentTag(begin: string, seconds: string): string {
  return isRecent(Number.parseInt(seconds, 16) * 1000) ? 'ETag: "NOW-' : begin
}

function isRecent(timeMs: number): boolean {
  return Math.abs(Date.now() - timeMs) < 600_000
}

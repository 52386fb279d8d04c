/** `autoindex` (content phase): a page that lists a folder, in HTML, JSON, JSONP or XML (nginx autoindex module). */
import type { Context } from '../../config/directive.ts'
import { choiceRow, flagRow } from '../../config/rows.ts'
import type { Scope } from '../../config/scope.ts'
import { escapeUri } from '../../http/escape-uri.ts'
import { formatHttpDate } from '../../http/http-date.ts'
import type { DirectoryEntry } from '../../io/files/directory-listing.ts'
import { listFolder } from '../look-up-file.ts'
import { listingFault } from '../listing-fault.ts'
import type { FrontModule } from '../front-module.ts'
import { DONE, NEXT, type Outcome } from '../outcome.ts'
import type { Request } from '../request.ts'
import { applyFilters, beginStream, endStream, sendHeadOnly } from '../response.ts'
import { requestFilename } from '../variables.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']

const autoindex = flagRow({
  name: 'autoindex',
  contexts: CONTEXTS,
  default: false,
  doc: 'Lists folders that have no index file.',
})
const exactSize = flagRow({
  name: 'autoindex_exact_size',
  contexts: CONTEXTS,
  default: true,
  doc: 'Whether sizes are in bytes, or rounded to kilobytes, megabytes and gigabytes.',
})
const localtime = flagRow({
  name: 'autoindex_localtime',
  contexts: CONTEXTS,
  default: false,
  doc: 'Whether times are local ones instead of UTC.',
})
const format = choiceRow(
  { name: 'autoindex_format', contexts: CONTEXTS, default: 'html', doc: 'Format of listings.' },
  ['html', 'xml', 'json', 'jsonp'],
)

interface Settings {
  readonly exactSize: boolean
  readonly localtime: boolean
  readonly format: 'html' | 'xml' | 'json' | 'jsonp'
}

const TYPES = {
  html: 'text/html',
  xml: 'text/xml; charset=utf-8',
  json: 'application/json',
  jsonp: 'application/javascript',
} as const

function compile(scope: Scope): ((request: Request) => Outcome | Promise<Outcome>) | undefined {
  if (!scope.get(autoindex)) return undefined
  const settings = {
    exactSize: scope.get(exactSize),
    localtime: scope.get(localtime),
    format: scope.get(format),
  }
  return (request) => {
    const { method } = request
    if (!request.uri.endsWith('/') || (method !== 'GET' && method !== 'HEAD')) return NEXT
    return answer(request, settings)
  }
}

async function answer(request: Request, settings: Settings): Promise<Outcome> {
  const path = requestFilename(request)
  let entries: DirectoryEntry[]
  try {
    entries = await listFolder(request, path)
  } catch (error) {
    return listingFault(request, path, error as NodeJS.ErrnoException)
  }
  if (request.finished) return DONE
  entries.sort(byKindAndName)
  request.status = 200
  const callback = settings.format === 'jsonp' ? callbackOf(request) : ''
  request.contentType = TYPES[settings.format === 'jsonp' && callback === '' ? 'json' : settings.format]
  request.contentLength = -1
  applyFilters(request) // names are measured in the charset of the page
  const page = render(request, entries, settings, callback)
  // a length is not said, as in nginx: a list is streamed
  request.contentLength = -1
  if (request.method === 'HEAD') sendHeadOnly(request)
  else {
    beginStream(request, page)
    endStream(request)
  }
  return DONE
}

/** Folders first, then by bytes. */
function byKindAndName(one: DirectoryEntry, other: DirectoryEntry): number {
  const folders = Number(other.kind === 'directory') - Number(one.kind === 'directory')
  return folders !== 0 ? folders : one.name < other.name ? -1 : 1
}

/** `callback` of the query, where it can only be a name: it is put into a script. */
function callbackOf(request: Request): string {
  return /(?:^|&)callback=([A-Za-z_$][A-Za-z0-9_$.]{0,127})(?:&|$)/i.exec(request.args)?.[1] ?? ''
}

function render(
  request: Request,
  entries: readonly DirectoryEntry[],
  settings: Settings,
  callback: string,
): string {
  if (settings.format === 'html') return htmlPage(request, entries, settings)
  if (settings.format === 'xml') return xmlPage(entries)
  const json = `[\r\n${entries.map(jsonEntry).join(',\r\n')}${entries.length > 0 ? '\r\n' : ''}]`
  return callback === '' ? json : `/* callback */\r\n${callback}(${json});`
}

const escapeHtml = (text: string): string =>
  text.replace(/[<>&"]/g, (c) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[c] ?? c)

/** Characters of a name that are shown. */
const NAME_LENGTH = 50

function htmlPage(request: Request, entries: readonly DirectoryEntry[], settings: Settings): string {
  const { uri } = request
  const utf8 = request.charset?.toLowerCase() === 'utf-8'
  const title = escapeHtml(`Index of ${uri}`)
  const head = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<h1>${title}</h1><hr><pre><a href="../">../</a>\r\n`
  return `${head}${entries.map((entry) => htmlLine(entry, settings, utf8)).join('')}</pre><hr></body>\r\n</html>\r\n`
}

function htmlLine(entry: DirectoryEntry, settings: Settings, utf8: boolean): string {
  const slash = entry.kind === 'directory' ? '/' : ''
  const { shown, width } = shorten(entry.name, slash, utf8)
  const link = `<a href="${escapeUri(entry.name, 'component')}${slash}">${shown}</a>`
  const padding = ' '.repeat(Math.max(0, NAME_LENGTH - width))
  return `${link}${padding} ${timeText(entry.mtimeSeconds, settings.localtime)} ${sizeText(entry, settings)}\r\n`
}

/** A long name ends with `..>`. Where the page says that it is UTF-8, characters count instead of bytes. */
function shorten(name: string, slash: string, utf8: boolean): { shown: string; width: number } {
  const characters = utf8 ? Array.from(Buffer.from(name, 'latin1').toString('utf8')) : Array.from(name)
  const broken = utf8 && characters.includes('\ufffd')
  const units = broken ? Array.from(name) : characters
  const encode = (part: string): string => (utf8 && !broken ? Buffer.from(part).toString('latin1') : part)
  if (units.length + slash.length <= NAME_LENGTH) {
    return { shown: escapeHtml(name) + slash, width: units.length + slash.length }
  }
  return {
    shown: `${escapeHtml(encode(units.slice(0, NAME_LENGTH - 3).join('')))}..&gt;`,
    width: NAME_LENGTH,
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (value: number): string => String(value).padStart(2, '0')

/** `15-Nov-2023 00:13`. */
function timeText(seconds: number, local: boolean): string {
  const offset = local ? new Date(seconds * 1000).getTimezoneOffset() * 60 : 0
  const at = new Date((seconds - offset) * 1000)
  const day = `${two(at.getUTCDate())}-${MONTHS[at.getUTCMonth()] ?? ''}-${at.getUTCFullYear()}`
  return `${day} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`
}

function sizeText({ kind, size }: DirectoryEntry, settings: Settings): string {
  if (settings.exactSize) return (kind === 'directory' ? '-' : String(size)).padStart(19)
  return kind === 'directory' ? '      -' : roundedSize(size)
}

function roundedSize(size: number): string {
  const [scale, unit] = size > 2 ** 30 - 1 ? [2 ** 30, 'G'] : size > 2 ** 20 - 1 ? [2 ** 20, 'M'] : size > 9999 ? [1024, 'K'] : [1, ''] // prettier-ignore
  if (scale === 1) return String(size).padStart(7)
  const rounded = Math.floor(size / scale) + (size % scale > scale / 2 - 1 ? 1 : 0)
  return `${String(rounded).padStart(6)}${unit}`
}

function jsonEntry({ name, kind, size, mtimeSeconds }: DirectoryEntry): string {
  const shown = JSON.stringify(name).slice(1, -1)
  const suffix = kind === 'file' ? `, "size":${size}` : ''
  return `{ "name":"${shown}", "type":"${kind}", "mtime":"${formatHttpDate(mtimeSeconds)}"${suffix} }`
}

function xmlPage(entries: readonly DirectoryEntry[]): string {
  const lines = entries.map(({ name, kind, size, mtimeSeconds }) => {
    const time = new Date(mtimeSeconds * 1000).toISOString().replace('.000', '')
    const sizeField = kind === 'file' ? ` size="${size}"` : ''
    return `<${kind} mtime="${time}"${sizeField}>${escapeHtml(name)}</${kind}>\r\n`
  })
  return `<?xml version="1.0"?>\r\n<list>\r\n${lines.join('')}</list>\r\n`
}

export const autoindexModule: FrontModule = {
  name: 'autoindex',
  directives: [autoindex, exactSize, localtime, format],
  phases: { content: compile },
}

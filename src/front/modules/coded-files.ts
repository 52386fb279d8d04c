/** `gzip_static`, `brotli_static`, `zstd_static` (content phase): files that were coded beforehand. */
import type { Context, Directive } from '../../config/directive.ts'
import { choiceRow } from '../../config/rows.ts'
import type { Scope } from '../../config/scope.ts'
import { strerror } from '../../util/strerror.ts'
import { codingConditions, gzipVary } from '../coding-conditions.ts'
import type { FrontModule } from '../front-module.ts'
import { forgetFile, lookUpFile, wasReplaced } from '../look-up-file.ts'
import { acceptsCoding, type CodingConditions } from '../gzip-acceptance.ts'
import { NEXT, type Outcome } from '../outcome.ts'
import type { Request } from '../request.ts'
import { sendEntry } from '../send-entry.ts'
import { requestFilename } from '../variables.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']

function codedRow(name: string, suffix: string): Directive<'off' | 'on' | 'always'> {
  return choiceRow(
    {
      name: `${name}_static`,
      contexts: CONTEXTS,
      default: 'off',
      doc: `Whether a file named with ${suffix} behind is sent instead: to who accepts it, or to everybody.`,
    },
    ['off', 'on', 'always'],
  )
}

/** The first that is there and that the client accepts is taken. */
const CODINGS = [
  { coding: 'br', suffix: '.br', row: codedRow('brotli', '.br') },
  { coding: 'zstd', suffix: '.zst', row: codedRow('zstd', '.zst') },
  { coding: 'gzip', suffix: '.gz', row: codedRow('gzip', '.gz') },
] as const

interface CodedFiles {
  readonly coding: 'br' | 'zstd' | 'gzip'
  readonly suffix: string
  readonly always: boolean
}

interface Settings {
  readonly conditions: CodingConditions
  readonly vary: boolean
}

function serveCoded(request: Request, files: CodedFiles, settings: Settings, again = false): Outcome {
  const { coding, suffix, always } = files
  const accepted = always || acceptsCoding(request, coding, settings.conditions)
  if (!accepted && !settings.vary) return NEXT
  const name = requestFilename(request) + suffix
  const found = lookUpFile(request, name)
  if (found.kind === 'denied' || found.kind === 'error') {
    const level = found.kind === 'denied' ? 'error' : 'crit'
    request.location.settings.errorLog.request(
      level,
      request,
      `open() "${name}" failed (${strerror(found.error)})`,
    )
  }
  if (found.kind === 'other') {
    request.location.settings.errorLog.request('crit', request, `"${name}" is not a regular file`)
    return accepted ? 404 : NEXT
  }
  if (found.kind !== 'file' && found.kind !== 'directory') return NEXT
  if (!always && settings.vary) request.varies = true
  if (!accepted || found.kind === 'directory') return NEXT
  request.contentEncoding = coding
  try {
    return sendEntry(request, found)
  } catch (error) {
    if (request.headSent || again || !wasReplaced(error)) throw error
    request.resetResponse()
    forgetFile(request, name)
    return serveCoded(request, files, settings, true)
  }
}

function compile(scope: Scope): ((request: Request) => Outcome) | undefined {
  const kinds = CODINGS.flatMap(({ coding, suffix, row }): CodedFiles[] => {
    const mode = scope.get(row)
    return mode === 'off' ? [] : [{ coding, suffix, always: mode === 'always' }]
  })
  if (kinds.length === 0) return undefined
  const settings = { conditions: codingConditions(scope), vary: scope.get(gzipVary) }
  return (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return NEXT
    if (request.uri.endsWith('/')) return NEXT
    for (const kind of kinds) {
      const outcome = serveCoded(request, kind, settings)
      if (outcome !== NEXT) return outcome
    }
    return NEXT
  }
}

export const codedFilesModule: FrontModule = {
  name: 'coded_files',
  directives: CODINGS.map(({ row }) => row),
  phases: { content: compile },
}

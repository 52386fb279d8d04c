/** `try_files` (precontent phase): the first of some paths that exists, else an internal redirect or a status. */
import type { ComplexValue } from '../../config/complex-value.ts'
import { parseComplexValue } from '../../config/complex-value.ts'
import type { Directive } from '../../config/directive.ts'
import type { CompileHandler, FrontModule } from '../front-module.ts'
import { lookUpFile } from '../look-up-file.ts'
import { refusesRewritten } from '../rewritten-alias.ts'
import { NAMED, NEXT, RELOCATE, type Outcome } from '../outcome.ts'
import type { Request } from '../request.ts'
import type { Value } from '../value.ts'

interface TryFiles {
  readonly paths: readonly ComplexValue[]
  readonly last: ComplexValue
}

const tryFiles: Directive<TryFiles | undefined> = {
  kind: 'single',
  name: 'try_files',
  contexts: ['server', 'location'],
  args: { min: 2 },
  syntax: 'file ... uri | file ... =code',
  default: undefined,
  inherit: false,
  doc: 'Serves the first file that exists (a folder, when written with a slash), else goes to the last argument.',
  parse: (args, at) => {
    const words = args.map((word) => word.text)
    const last = words.pop() ?? ''
    if (last.startsWith('=') && !/^=[1-9]\d{2}$/.test(last)) at.fail(`invalid code "${last}"`)
    return { paths: words.map((word) => parseComplexValue(word)), last: parseComplexValue(last) }
  },
}

interface Candidate {
  readonly path: Value
  readonly folder: boolean
}

const compile: CompileHandler = (scope, context) => {
  const row = scope.own(tryFiles)
  const at = scope.find(tryFiles)?.statement
  if (!row || !at) return undefined
  const candidates = row.paths.map((path): Candidate => {
    const folder = path.source.endsWith('/')
    return { path: context.value(folder ? path.source.slice(0, -1) : path, at), folder }
  })
  const code = row.last.source.startsWith('=') ? Number(row.last.source.slice(1)) : undefined
  const last = context.value(row.last, at)
  return (request) => {
    if (request.pathReplaced && refusesRewritten(request)) return 500
    for (const candidate of candidates) {
      if (tryCandidate(request, candidate)) return NEXT
    }
    return code ?? goTo(request, last.evaluate(request))
  }
}

/** Whether it exists; the path of the request is then that of the file. */
function tryCandidate(request: Request, { path, folder }: Candidate): boolean {
  const uri = path.evaluate(request)
  const { root, alias, aliasPrefix = '' } = request.location.settings
  // nginx takes the location's part only off what has variables in it
  const strip = alias && path.constant === undefined && uri.startsWith(aliasPrefix)
  const below = strip ? uri.slice(aliasPrefix.length) : uri
  const found = lookUpFile(request, root.evaluate(request) + below)
  if (folder ? found.kind !== 'directory' : found.kind !== 'file') return false
  if (!alias || aliasPrefix !== '') request.uri = alias ? aliasPrefix + below : uri
  else if (!folder) {
    request.uri = uri
    request.uriBehindAlias = true
  }
  return true
}

function goTo(request: Request, target: string): Outcome {
  request.internal = true
  if (target.startsWith('@')) {
    request.namedTarget = target
    return NAMED
  }
  const query = target.indexOf('?')
  request.uri = query < 0 ? target : target.slice(0, query)
  if (query >= 0) request.args = target.slice(query + 1)
  return RELOCATE
}

export const tryFilesModule: FrontModule = {
  name: 'try_files',
  directives: [tryFiles],
  phases: { precontent: compile },
}

/** `index` (content phase): the file that answers for a folder, by an internal redirect to it. */
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { ListDirective } from '../../config/directive.ts'
import type { CompileHandler, FrontModule } from '../front-module.ts'
import { lookUpFile } from '../look-up-file.ts'
import type { Request } from '../request.ts'
import { strerror } from '../../util/strerror.ts'
import { NEXT, RELOCATE } from '../outcome.ts'
import { refusesRewritten } from '../rewritten-alias.ts'
import { requestFilename } from '../variables.ts'

const index: ListDirective<readonly ComplexValue[]> = {
  kind: 'list',
  name: 'index',
  contexts: ['http', 'server', 'location'],
  args: { min: 1 },
  syntax: 'file ...',
  doc: 'Files that are looked for when the path ends with a slash, in this order.',
  parse: (args, at) =>
    args.map(({ text }, position) => {
      if (text.startsWith('/') && position !== args.length - 1) {
        at.warn('only the last index in "index" directive should be absolute')
      }
      if (text === '') at.fail('index "" in "index" directive is invalid')
      return parseComplexValue(text)
    }),
}

const DEFAULT_INDEX = [parseComplexValue('index.html')]

const compile: CompileHandler = (scope, context) => {
  const bound = scope.findList(index)
  const at = bound[0]?.statement
  const names =
    bound.length > 0 ? bound.flatMap((item) => item.value as readonly ComplexValue[]) : DEFAULT_INDEX
  const values = names.map((name) => context.value(name, at ?? NOWHERE))
  return (request) => {
    if (
      !request.uri.endsWith('/') ||
      (request.method !== 'GET' && request.method !== 'HEAD' && request.method !== 'POST')
    ) {
      return NEXT
    }
    if (request.pathReplaced && refusesRewritten(request)) return 500
    const folder = requestFilename(request)
    for (const value of values) {
      const name = value.evaluate(request)
      if (!name.startsWith('/')) {
        const found = lookUpFile(request, folder + name)
        if (found.kind === 'denied') return refuse(request, folder + name, found.error)
        if (found.kind !== 'file') continue
      }
      request.uri = name.startsWith('/') ? name : request.uri + name
      request.internal = true
      return RELOCATE
    }
    return NEXT
  }
}

function refuse(request: Request, name: string, error: NodeJS.ErrnoException): 403 {
  request.location.settings.errorLog.request('error', request, `"${name}" is forbidden (${strerror(error)})`)
  return 403
}

const NOWHERE = { name: 'index', args: [], file: '', line: 0 }

export const indexModule: FrontModule = { name: 'index', directives: [index], phases: { content: compile } }

/** `random_index` (content phase): any file of a folder answers for it. */
import { flagRow } from '../../config/rows.ts'
import { listFolder } from '../look-up-file.ts'
import { listingFault } from '../listing-fault.ts'
import type { FrontModule } from '../front-module.ts'
import { NEXT, RELOCATE, type Outcome } from '../outcome.ts'
import type { Request } from '../request.ts'
import { requestFilename } from '../variables.ts'

const randomIndex = flagRow({
  name: 'random_index',
  contexts: ['location'],
  default: false,
  doc: 'Whether a folder is answered for by a file in it that chance chooses.',
})

const METHODS = new Set(['GET', 'HEAD', 'POST'])

async function choose(request: Request): Promise<Outcome> {
  const path = requestFilename(request).replace(/\/$/, '')
  let files: string[]
  try {
    const entries = await listFolder(request, path === '' ? '/' : path)
    files = entries.filter(({ kind }) => kind === 'file').map(({ name }) => name)
  } catch (error) {
    return listingFault(request, path, error as NodeJS.ErrnoException)
  }
  const name = files[Math.floor(Math.random() * files.length)]
  if (name === undefined) return NEXT
  request.uri += name
  request.internal = true
  return RELOCATE
}

export const randomIndexModule: FrontModule = {
  name: 'random_index',
  directives: [randomIndex],
  phases: {
    content: (scope) => {
      if (!scope.get(randomIndex)) return undefined
      return (request) => (request.uri.endsWith('/') && METHODS.has(request.method) ? choose(request) : NEXT)
    },
  },
}

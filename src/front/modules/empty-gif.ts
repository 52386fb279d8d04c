/** `empty_gif`: a transparent picture of one pixel. */
import type { Directive } from '../../config/directive.ts'
import type { FrontModule } from '../front-module.ts'
import { DONE } from '../outcome.ts'
import { sendText } from '../response.ts'

const emptyGif: Directive<boolean> = {
  kind: 'single',
  name: 'empty_gif',
  contexts: ['location'],
  args: 0,
  syntax: '',
  default: false,
  defaultText: '',
  inherit: false,
  doc: 'Answers with a transparent picture of one pixel.',
  parse: () => true,
  merge: () => true,
}

const GIF = Buffer.from(
  '47494638396101000100800100000000ffffff21f90401000001002c00000000010001000002024c01003b',
  'hex',
).toString('latin1')
/** 28 September 1970, as nginx says. */
const LAST_MODIFIED = 23_349_600

export const emptyGifModule: FrontModule = {
  name: 'empty_gif',
  directives: [emptyGif],
  exclusiveContent: (scope) => {
    if (!scope.own(emptyGif)) return undefined
    return (request) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') return 405
      request.status = 200
      request.contentType = 'image/gif'
      request.lastModified = LAST_MODIFIED
      sendText(request, GIF)
      return DONE
    }
  },
}

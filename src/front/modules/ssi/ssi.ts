/** `ssi`: commands in pages, among them the inclusion of other answers (nginx ssi module; a body filter). */
import type { Context } from '../../../config/directive.ts'
import { flagRow, sizeRow } from '../../../config/rows.ts'
import { strftime } from '../../../util/strftime.ts'
import { subrequestOutputBufferSize } from '../../core-directives.ts'
import type { FrontModule } from '../../front-module.ts'
import { loseLength, weakenIdentity } from '../../representation.ts'
import type { Request } from '../../request.ts'
import { isOfTypes, typesRow } from '../../types-row.ts'
import { PageVariables, RuntimeVariables } from './page-variables.ts'
import { DEFAULT_TIME_FORMAT, SsiSink, type SsiSettings } from './ssi-sink.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']

const ssi = flagRow({
  name: 'ssi',
  contexts: ['http', 'server', 'location', 'location if'],
  default: false,
  doc: 'Whether SSI commands in responses are carried out.',
})
const silentErrors = flagRow({
  name: 'ssi_silent_errors',
  contexts: CONTEXTS,
  default: false,
  doc: 'Whether a failing command shows nothing instead of an error text.',
})
const lastModified = flagRow({
  name: 'ssi_last_modified',
  contexts: CONTEXTS,
  default: false,
  doc: 'Whether pages keep Last-Modified and ETag.',
})
const valueLength = sizeRow({
  name: 'ssi_value_length',
  contexts: CONTEXTS,
  default: 255,
  defaultText: '256',
  doc: 'Longest value of a parameter.',
})
const minFileChunk = sizeRow({
  name: 'ssi_min_file_chunk',
  contexts: CONTEXTS,
  default: 1024,
  defaultText: '1k',
  doc: 'Smallest part of a page that is sent from its file.',
  noEffect: 'pages are sent from memory',
})
const types = typesRow({
  name: 'ssi_types',
  contexts: CONTEXTS,
  doc: 'Types whose responses are read for commands, besides text/html.',
})

/** What a client's request and everything included in its page share. */
const pages = new WeakMap<Request, PageVariables>()
const sinks = new WeakMap<Request, SsiSink>()

function pageOf(request: Request, server: RuntimeVariables): PageVariables {
  let main = request
  while (main.parent) main = main.parent
  let page = pages.get(main)
  if (!page) pages.set(main, (page = new PageVariables(server)))
  return page
}

function dateText(request: Request, gmt: boolean): string {
  return strftime(sinks.get(request)?.timeFormat ?? DEFAULT_TIME_FORMAT, new Date(), gmt)
}

export const ssiModule: FrontModule = {
  name: 'ssi',
  directives: [ssi, silentErrors, lastModified, valueLength, minFileChunk, types],
  declare: (_http, context) => {
    context.variables.define([
      { name: 'date_local', get: (request) => dateText(request, false) },
      { name: 'date_gmt', get: (request) => dateText(request, true) },
    ])
    return undefined
  },
  filter: (scope, context) => {
    if (!scope.get(ssi)) return undefined
    const accepted = scope.get(types)
    const keepsDate = scope.get(lastModified)
    const server = new RuntimeVariables(context.variables)
    const settings: SsiSettings = {
      silentErrors: scope.get(silentErrors),
      maxValue: scope.get(valueLength),
      maxSetBytes: scope.get(subrequestOutputBufferSize),
    }
    return (request) => {
      if (request.contentLength === 0 || !isOfTypes(request, accepted)) return undefined
      if (!request.parent) {
        loseLength(request)
        weakenIdentity(request, keepsDate)
      }
      const page = pageOf(request, server)
      return (next) => {
        const sink = new SsiSink(request, settings, page, next)
        sinks.set(request, sink)
        return sink
      }
    }
  },
}

/** The page that shows its own request's way. */
import { render, StreamingHttpResponse, type HttpRequest } from 'portico/web'
import { variablesOf } from './environ.ts'
import { Entry } from './models.ts'
import { workerOf } from './middleware.ts'
import { wayOf } from './stages.ts'

/** Where the template leaves room. Nothing from outside can say it: what comes from there is escaped. */
const gap = '<!--stages-->'

/**
 * The page in three parts. The one in the middle is made when the first is on its way: only then has the response
 * passed all middleware, and the trace has the way out too.
 */
export async function how(request: HttpRequest): Promise<StreamingHttpResponse> {
  const lines = await Entry.objects.count()
  const page = await render(request, 'how.html', { lines, environ: variablesOf(request) })
  const text = page.content.toString('utf8')
  const at = text.indexOf(gap)
  const parts = { before: text.slice(0, at), after: text.slice(at + gap.length) }
  return new StreamingHttpResponse(partsOf(request, parts))
}

async function* partsOf(
  request: HttpRequest,
  { before, after }: { readonly before: string; readonly after: string },
): AsyncGenerator<string | Uint8Array> {
  yield before
  if (request.trace !== null) {
    const context = { way: wayOf(request.trace), worker: workerOf(request) }
    yield (await render(request, 'how_stages.html', context)).content
  }
  yield after
}

import {
  CreateView,
  getObjectOr404,
  HttpResponse,
  JsonResponse,
  ListView,
  messages,
  PermissionDenied,
  redirect,
  render,
  requirePOST,
  User,
  type ErrorView,
  type Form,
  type HttpRequest,
  type OutgoingResponse,
} from 'portico/web'
import { EntryForm } from './forms.ts'
import { Entry } from './models.ts'

const perPage = 8

/** The book, newest first, and the form to write into it. */
export class Guestbook extends ListView<Entry> {
  override templateName = 'guestbook.html'
  override contextObjectName = 'entries'
  override paginateBy = perPage

  override getQueryset() {
    return Entry.objects.selectRelated('author')
  }

  override async getContextData(extra: Record<string, unknown> = {}) {
    return { ...(await super.getContextData(extra)), form: EntryForm.make() }
  }
}

/** Takes a line, or says what is wrong with it. */
export class WriteEntry extends CreateView<Entry, typeof EntryForm.fields> {
  override templateName = 'write.html'
  override formClass = EntryForm
  override successUrl = '/'

  override async saveForm(form: Form<typeof EntryForm.fields>) {
    const entry = await Entry.objects.create({ ...form.cleanedData, author: await signedIn(this.request) })
    messages.success(this.request, 'Thank you. Your line is in the book.')
    return entry
  }
}

/** @throws PermissionDenied for nobody */
async function signedIn(request: HttpRequest): Promise<User> {
  const user = await request.user()
  if (user instanceof User) return user
  throw new PermissionDenied('Only those who have signed in may do this.')
}

/** Takes a line out again: its author's right. */
export const deleteEntry = requirePOST(async (request: HttpRequest, { id }: { id: number }) => {
  const user = await signedIn(request)
  const entry = await getObjectOr404(Entry.objects, { id })
  if (entry.authorId !== user.id) throw new PermissionDenied('This line is somebody else’s.')
  await entry.delete()
  messages.info(request, 'Your line is gone from the book.')
  return redirect(request, 'guestbook')
})

const newest = 20

/** The newest lines for programs. */
export async function entriesJson(_request: HttpRequest): Promise<JsonResponse> {
  const rows = await Entry.objects.values('id', 'author__username', 'text', 'created').slice(0, newest)
  const entries = rows.map(({ author__username: author, created, ...rest }) => {
    return { ...rest, author, created: created.toISOString() }
  })
  return new JsonResponse({ entries })
}

/** For fronts and engines that ask whether this process serves. It says nothing of the database: 503 pages do. */
export const healthy = (): HttpResponse =>
  new HttpResponse('ok\n', { contentType: 'text/plain', headers: { 'Cache-Control': 'no-store' } })

export const notFound: ErrorView = (request) => render(request, '404.html', {}, { status: 404 })

export const forbidden: ErrorView = (request, error) => {
  const reason = error instanceof PermissionDenied ? error.message : ''
  return render(request, '403.html', { reason }, { status: 403 })
}

/** For a form whose token is missing or another's. */
export const forgedForm: ErrorView = (request) => {
  const reason =
    'This form could not be checked to be from this site. Load its page again and send it once more; it needs a cookie.'
  return render(request, '403.html', { reason }, { status: 403 })
}

/** Shows nothing that could fail again: no user, no messages, no database. */
export const serverError: ErrorView = (request): Promise<OutgoingResponse> | OutgoingResponse => {
  const id = request.META['REQUEST_ID']
  return render(request, '500.html', { request_id: typeof id === 'string' ? id : '' }, { status: 500 })
}

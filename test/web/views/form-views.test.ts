/** A visitor's way through forms that are made from a model: by the pages, as a browser goes, with CSRF on. */
import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, it } from 'vitest'
import {
  Client,
  CreateView,
  createTables,
  CsrfViewMiddleware,
  defineDatabases,
  defineForm,
  defineSettings,
  DeleteView,
  f,
  field,
  FormView,
  ImproperlyConfigured,
  memorySource,
  model,
  modelForm,
  ModelRegistry,
  path,
  QueryDict,
  UpdateView,
  ValidationError,
  type ClientResponse,
  type Instance,
} from 'portico/web'

const registry = new ModelRegistry()
const Shelf = model('library.Shelf', { name: f.char({ max: 10 }) }, { registry })
const Book = model(
  'library.Book',
  {
    title: f.char({ max: 12, helpText: 'As on the <cover>.' }),
    shelf: () => f.foreignKey(Shelf),
    price: f.int({ default: 10 }),
  },
  {
    registry,
    methods: {
      getAbsoluteUrl(this: { readonly id: number }): string {
        return `/${this.id}/edit/`
      },
    },
  },
)
type Book = Instance<typeof Book>

const databases = defineDatabases({ default: 'sqlite::memory:' }).bind(registry)
const firstShelf = () => Shelf.objects.get({ name: 'first' })

class AddBook extends CreateView<Book> {
  override model = Book
  override fields = ['title']
  override async newObject() {
    return new Book({ shelf: await firstShelf(), price: 5 })
  }
}
class EditBook extends UpdateView<Book> {
  override model = Book
  override fields = ['title']
}
class DeleteBook extends DeleteView<Book> {
  override model = Book
  override successUrl = '/add/'
}

const form = '<form method="post">{% csrf_token %}{{ form.asDiv }}</form>'
const settings = defineSettings({
  secretKey: 'a secret for tests',
  allowedHosts: ['testserver'],
  databases,
  middleware: [CsrfViewMiddleware],
  rootUrlconf: [
    path('add/', AddBook.asView()),
    path('<int:pk>/edit/', EditBook.asView()),
    path('<int:pk>/delete/', DeleteBook.asView()),
  ],
  templates: {
    loaders: [
      memorySource({
        'library/book_form.html': `{% if book %}Change {{ book.title }}{% else %}New{% endif %}${form}`,
        'book_confirm_delete.html':
          '<form method="post">{% csrf_token %}Delete {{ object.title }}, {{ book.price }}?</form>',
      }),
    ],
  },
})

let visitor: Client
beforeAll(() => createTables(databases.default, [Shelf, Book]))
afterAll(() => databases.close())
beforeEach(async () => {
  visitor = new Client(settings, { enforceCsrfChecks: true })
  await Book.objects.all().delete()
  await Shelf.objects.all().delete()
  await Shelf.objects.create({ name: 'first' })
})

const tokenOf = (page: ClientResponse): string =>
  /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page.text)?.[1] ?? ''

/** Opens the page, fills its form in, and sends it. */
async function send(path: string, fields: Readonly<Record<string, string>> = {}): Promise<ClientResponse> {
  const csrfmiddlewaretoken = tokenOf(await visitor.get(path))
  expect(csrfmiddlewaretoken).not.toBe('')
  return visitor.post(path, { form: { ...fields, csrfmiddlewaretoken } })
}
const books = () => Book.objects.orderBy('id').valuesList('title', 'price').toArray()

describe('the generic views of a model', () => {
  it('make a row, and go on to its page', async () => {
    const page = await visitor.get('/add/')
    expect(page.text).toMatch(/^New<form/)
    const made = await send('/add/', { title: 'Emma' })
    const { id } = await Book.objects.get()
    expect([made.status, made.header('Location')]).toEqual([302, `/${id}/edit/`])
    expect(await books()).toEqual([['Emma', 5]])
  })

  it('refuse a form without its token', async () => {
    expect((await visitor.post('/add/', { form: { title: 'Emma' } })).status).toBe(403)
    expect(await books()).toEqual([])
  })

  it('ask again with what was typed, and what was wrong with it', async () => {
    const again = await send('/add/', { title: 'Sense & <Sensibility>' })
    expect(again.status).toBe(200)
    expect(again.text).toContain('value="Sense &amp; &lt;Sensibility&gt;"')
    expect(again.text).toContain('Ensure this value has at most 12 characters (it has 21).')
    expect(await books()).toEqual([])
  })

  it('change a row, and nothing of it but the fields that the form has', async () => {
    const other = await Shelf.objects.create({ name: 'other' })
    const { id } = await Book.objects.create({ title: 'Emma', shelf: await firstShelf() })
    expect((await visitor.get(`/${id}/edit/`)).text).toContain('Change Emma')
    const extra = { price: '0', shelf: String(other.id), shelfId: String(other.id), id: '77', pk: '77' }
    const changed = await send(`/${id}/edit/`, { title: 'Persuasion', ...extra })
    expect(changed.status).toBe(302)
    const [book, ...more] = await Book.objects.all()
    expect(more).toEqual([])
    expect(book).toMatchObject({ id, title: 'Persuasion', price: 10, shelfId: (await firstShelf()).id })
  })

  it('show the row as it is stored beside a form that was wrong', async () => {
    const { id } = await Book.objects.create({ title: 'Emma', shelf: await firstShelf() })
    expect((await send(`/${id}/edit/`, { title: '' })).text).toContain('This field is required.')
    expect(await books()).toEqual([['Emma', 10]])
  })

  it('delete a row when that is confirmed', async () => {
    const { id } = await Book.objects.create({ title: 'Emma', shelf: await firstShelf() })
    expect((await visitor.get(`/${id}/delete/`)).text).toContain('Delete Emma, 10?')
    expect(await books()).toHaveLength(1)
    const gone = await send(`/${id}/delete/`)
    expect([gone.status, gone.header('Location')]).toEqual([302, '/add/'])
    expect(await books()).toEqual([])
    expect((await visitor.get(`/${id}/delete/`)).status).toBe(404)
  })

  it('answer 404 for a row that is not there', async () => {
    expect((await visitor.get('/99/edit/')).status).toBe(404)
  })
})

describe('a view that lacks something', () => {
  class Nameless extends CreateView<Book> {
    override model = Book
  }
  class Both extends Nameless {
    override fields = ['title']
    override formClass = modelForm(Book, { fields: ['title'] })
  }
  class Pageless extends FormView {
    override formClass = defineForm({ fields: {} })
  }
  class Formless extends FormView {}
  class Elsewhere extends UpdateView<Book> {
    override model = Book
    override fields = ['title']
    override successUrl = '/{nothing}/'
  }
  const views = [
    ['fields', new Nameless(), (view: Nameless) => view.getFormClass(), /'fields'/],
    ['one of two', new Both(), (view: Both) => view.getFormClass(), /not permitted/],
    ['a formClass', new Formless(), (view: Formless) => view.getFormClass(), /formClass/],
    ['a successUrl', new Pageless(), (view: Pageless) => view.getSuccessUrl(), /successUrl/],
  ] as const
  it.each(views)('says that it needs %s', (_what, view, ask, message) => {
    const asked = (): unknown => Reflect.apply(ask, null, [view])
    expect(asked).toThrow(ImproperlyConfigured)
    expect(asked).toThrow(message)
  })

  it('says what the row has not', async () => {
    const view = new Elsewhere()
    view.object = new Book({ title: 'x' })
    expect(() => view.getSuccessUrl()).toThrow('names nothing')
  })
})

describe('hooks of a form', () => {
  it('know the type of the value that they look at', async () => {
    const BookForm = modelForm(Book, {
      fields: ['title', 'price'],
      declared: { loud: field.checkbox() },
      cleanTitle: (title) => {
        expectTypeOf(title).toEqualTypeOf<string>()
        if (title === 'bad') throw new ValidationError('Not this one.')
        return title.trim()
      },
      cleanPrice: (price) => {
        expectTypeOf(price).toEqualTypeOf<number>()
        return price + 1
      },
      cleanLoud: (loud) => {
        expectTypeOf(loud).toEqualTypeOf<boolean>()
        return loud
      },
    })
    expectTypeOf<ReturnType<typeof BookForm.make>['cleanedData']['price']>().toEqualTypeOf<number>()
    const data = new QueryDict([
      ['title', 'bad'],
      ['price', '4'],
      ['loud', 'on'],
    ])
    const form = BookForm.make({ data })
    expect(await form.isValid()).toBe(false)
    expect([...form.errors]).toEqual([['title', ['Not this one.']]])
    defineForm({
      fields: { count: field.integer(), word: field.text() },
      cleanCount: (count) => {
        expectTypeOf(count).toEqualTypeOf<number>()
        return count
      },
      cleanWord: (word) => {
        expectTypeOf(word).toEqualTypeOf<string>()
        return word
      },
    })
  })
})

describe('asDiv', () => {
  const Sample = defineForm({
    fields: {
      name: field.text({ max: 5, helpText: 'Two <words>.' }),
      token: field.hidden({ initial: 'abc' }),
      agree: field.checkbox({ label: 'Agree?' }),
    },
    clean: () => ({ '': 'Not like this.' }),
  })

  it('puts each field into a div, with its label, help and errors, and what is hidden into the last', async () => {
    expect(String(await Sample.make().asDiv())).toBe(
      '<div><label for="id_name">Name:</label>' +
        '<div class="helptext" id="id_name_helptext">Two &lt;words&gt;.</div>' +
        '<input type="text" name="name" maxlength="5" required id="id_name"></div>\n' +
        '<div><label for="id_agree">Agree?</label><input type="checkbox" name="agree" id="id_agree">' +
        '<input type="hidden" name="token" value="abc" id="id_token"></div>',
    )
  })
})

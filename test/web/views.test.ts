import { describe, expect, test } from 'vitest'
import {
  Client,
  defineForm,
  defineSettings,
  field,
  FormView,
  HttpResponse,
  ListView,
  path,
  QueryDict,
  RedirectView,
  TemplateView,
  View,
  type Form,
  type HttpRequest,
  type UrlPattern,
} from 'portico/web'

/** An engine whose templates are functions of the context. */
const engine = {
  getTemplate: (name: string) => ({
    render: (context: Record<string, unknown>) => {
      const { view: _view, request: _request, ...rest } = context
      return `${name}: ${JSON.stringify(rest)}`
    },
  }),
}

function site(...urlpatterns: UrlPattern[]): Client {
  return new Client(
    defineSettings({ secretKey: 'k', allowedHosts: ['*'], rootUrlconf: urlpatterns, templates: { engine } }),
  )
}

class Both extends View<{ id: number }> {
  greeting = 'hello'
  override get(_request: HttpRequest, { id }: { id: number }) {
    return new HttpResponse(`${this.greeting} ${id}`)
  }
  override async post() {
    return new HttpResponse('posted')
  }
}

describe('View', () => {
  const client = site(
    path('<int:id>/', Both.asView()),
    path('own/<int:id>/', Both.asView({ greeting: 'hi' })),
  )

  test('calls the method of the request', async () => {
    expect((await client.get('/7/')).text).toBe('hello 7')
    expect((await client.post('/7/')).text).toBe('posted')
    expect((await client.get('/own/7/')).text).toBe('hi 7')
  })

  test('answers HEAD by get, without a body', async () => {
    const response = await client.head('/7/')
    expect([response.status, response.text]).toEqual([200, ''])
  })

  test('answers OPTIONS and 405 with the methods that there are', async () => {
    expect((await client.options('/7/')).header('allow')).toBe('GET, POST, HEAD, OPTIONS')
    const response = await client.put('/7/')
    expect([response.status, response.header('allow')]).toEqual([405, 'GET, POST, HEAD, OPTIONS'])
  })

  test('does not answer with methods that HTTP does not have', async () => {
    expect((await client.request('SETUP', '/7/')).status).toBe(405)
    expect((await client.request('CONSTRUCTOR', '/7/')).status).toBe(405)
  })

  test('refuses attributes that the class does not have', () => {
    // @ts-expect-error the compiler says so too
    expect(() => Both.asView({ greting: 'x' })).toThrow('Both.asView got greting')
  })
})

describe('TemplateView', () => {
  class Page extends TemplateView {
    override templateName = 'page.html'
  }
  test('gives the template what the route captured', async () => {
    expect((await site(path('<slug:s>/', Page.asView())).get('/x/')).text).toBe('page.html: {"s":"x"}')
  })
})

describe('RedirectView', () => {
  class Old extends RedirectView {
    override url = '/new/%(slug)s/'
    override queryString = true
  }
  class Named extends RedirectView {
    override patternName = 'target'
    override permanent = true
  }
  class Gone extends RedirectView {}
  const client = site(
    path('old/<path:slug>', Old.asView()),
    path('named/<int:id>/', Named.asView()),
    path('target/<int:id>/', Both.asView(), { name: 'target' }),
    path('gone/', Gone.asView()),
  )
  test.each([
    ['/old/a?b=1', 302, '/new/a/?b=1'],
    ['/old/a%3Fx%0DY', 302, '/new/a%3Fx%0DY/'],
    ['/named/3/', 301, '/target/3/'],
    ['/gone/', 410, undefined],
  ])('%s', async (url, status, location) => {
    const response = await client.get(url)
    expect([response.status, response.header('location')]).toEqual([status, location])
  })
})

describe('ListView', () => {
  class Numbers extends ListView<number> {
    override queryset = [1, 2, 3, 4, 5]
    override paginateBy = 2
    override templateName = 'n.html'
    override getContextData(extra: Record<string, unknown> = {}) {
      return { rows: extra['object_list'], more: extra['is_paginated'] }
    }
  }
  const client = site(path('', Numbers.asView()), path('p/<int:page>/', Numbers.asView()))
  test.each([
    ['/', '[1,2]'],
    ['/?page=3', '[5]'],
    ['/?page=last', '[5]'],
    ['/p/2/', '[3,4]'],
  ])('%s', async (url, rows) => {
    expect((await client.get(url)).text).toBe(`n.html: {"rows":${rows},"more":true}`)
  })
  test.each(['/?page=4', '/?page=0', '/?page=x', '/?page=-1', '/?page=1e0'])('%s is 404', async (url) => {
    expect((await client.get(url)).status).toBe(404)
  })
})

describe('FormView', () => {
  const Guest = defineForm({
    fields: {
      name: field.text({ max: 5 }),
      age: field.integer({ min: 0 }),
      note: field.text({ required: false }),
    },
    clean: (data) => (data.name === 'root' ? { name: 'Taken.', '': 'Try again.' } : undefined),
  })
  class Sign extends FormView<typeof Guest.fields> {
    override formClass = Guest
    override templateName = 'f.html'
    override successUrl = '/done/'
    override formValid(form: Form<typeof Guest.fields>) {
      const { name, age } = form.cleanedData
      return new HttpResponse(`${name.toUpperCase()} ${age + 1}`)
    }
    override getContextData(extra: { form?: Form<typeof Guest.fields> } = {}) {
      const form = extra.form
      return {
        errors: Object.fromEntries(form?.errors ?? []),
        html: [...(form ?? [])].map((one) => one.html),
      }
    }
  }
  const client = site(path('', Sign.asView()))

  test('asks', async () => {
    const { text } = await client.get('/')
    expect(text).toContain(
      '<input type=\\"text\\" name=\\"name\\" maxlength=\\"5\\" required id=\\"id_name\\">',
    )
    expect(text).toContain('"errors":{}')
  })

  test('goes on with what was valid', async () => {
    expect((await client.post('/', { form: { name: ' ann ', age: '41' } })).text).toBe('ANN 42')
  })

  test.each([
    [{ name: '', age: '1' }, '"name":["This field is required."]'],
    [{ name: 'toolong', age: '1' }, '"name":["Ensure this value has at most 5 characters (it has 7)."]'],
    [{ name: 'x', age: '1e3' }, '"age":["Enter a whole number."]'],
    [{ name: 'x', age: '-1' }, '"age":["Ensure this value is greater than or equal to 0."]'],
    [{ name: 'root', age: '1' }, '"name":["Taken."],"":["Try again."]'],
  ])('%j is asked again', async (form, error) => {
    const response = await client.post('/', { form })
    expect(response.status).toBe(200)
    expect(response.text).toContain(error)
  })

  test('shows again what was typed, escaped', async () => {
    const { text } = await client.post('/', { form: { name: '"><b>', age: 'x' } })
    expect(text).toContain('value=\\"&quot;&gt;&lt;b&gt;\\"')
  })
})

test('what one request adds to the initial values is gone with it', async () => {
  const form = defineForm({ fields: { name: field.text({ required: false }) } })
  class Asking extends FormView<typeof form.fields> {
    override getInitial() {
      const initial = super.getInitial()
      if (initial instanceof Promise) throw new Error('nothing to wait for')
      const name = this.request.GET.get('name')
      return name === undefined ? initial : Object.assign(initial, { name })
    }
    override async formInvalid(asked: Form<typeof form.fields>) {
      return Promise.resolve(new HttpResponse(asked.field('name').value))
    }
  }
  const client = site(path('', Asking.asView({ formClass: form, initial: { name: 'you' } })))
  expect((await client.get('/?name=ada')).text).toBe('ada')
  expect((await client.get('/')).text).toBe('you')
})

test('a route’s parameter takes the place of nothing in the context that the view was given', async () => {
  const view = TemplateView.asView({ templateName: 'a', extraContext: { layout: 'ours' } })
  const client = site(path('<str:layout>/<str:other>/', view))
  expect((await client.get('/theirs/x/')).text).toBe('a: {"layout":"ours","other":"x"}')
})

test('a pattern with flags that remember finds each text alike', async () => {
  const form = defineForm({ fields: { code: field.text({ pattern: /[a-z]+$/g }) } })
  const data = new QueryDict([['code', 'abc']])
  for (let n = 0; n < 3; n++) expect(await form.make({ data }).isValid()).toBe(true)
})

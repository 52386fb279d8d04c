/** The views of django-form-views.py, in ours. */
import {
  Client,
  CreateView,
  createTables,
  defineDatabases,
  defineForm,
  defineSettings,
  DeleteView,
  DetailView,
  f,
  field,
  FormView,
  memorySource,
  model,
  modelForm,
  path,
  UpdateView,
  ValidationError,
  type Instance,
} from 'portico/web'
import type { ViewCase } from './form-view-cases.ts'

const BlogPost = model(
  'shop.BlogPost',
  {
    title: f.char({ max: 20 }),
    slug: f.slug({ unique: true }),
    body: f.text({ blank: true }),
    votes: f.int({ default: 0 }),
    secret: f.char({ max: 9, default: 'x' }),
  },
  {
    ordering: ['id'],
    methods: {
      getAbsoluteUrl(this: { readonly slug: string }): string {
        return `/posts/${this.slug}/`
      },
    },
  },
)
type BlogPost = Instance<typeof BlogPost>

const FIELDS = ['title', 'slug', 'body']
const PostForm = modelForm(BlogPost, {
  fields: ['title', 'slug'],
  cleanTitle: (title) => {
    if (title === 'bad') throw new ValidationError('Not this one.')
    return title.toUpperCase()
  },
})
const ContactForm = defineForm({
  fields: { name: field.text({ max: 10 }), count: field.integer({ required: false }) },
})

class Create extends CreateView<BlogPost> {
  override model = BlogPost
}
class CreateByForm extends CreateView<BlogPost, typeof PostForm.fields> {
  override model = BlogPost
  override formClass = PostForm
}
class Update extends UpdateView<BlogPost> {
  override model: typeof BlogPost | null = BlogPost
}
class Delete extends DeleteView<BlogPost> {
  override model: typeof BlogPost | null = BlogPost
}
class Detail extends DetailView<BlogPost> {
  override model = BlogPost
}
class Initial extends Create {
  override fields = ['title', 'slug']
  override getInitial() {
    return { title: this.request.GET.get('title') ?? 'Begin', body: 'no field' }
  }
}
class Found extends UpdateView<BlogPost> {
  override fields = ['title']
  override getObject() {
    return BlogPost.objects.get({ slug: 'second' })
  }
}
class Contact extends FormView<typeof ContactForm.fields> {
  override formClass = ContactForm
  override templateName = 'own.html'
  override initial = { name: 'you' }
  override successUrl = '/thanks/'
}
class LiveUpdate extends UpdateView<BlogPost> {
  override fields = ['title']
  override getQueryset() {
    return BlogPost.objects.filter({ votes__gt: 0 })
  }
}
class LiveDelete extends DeleteView<BlogPost> {
  override successUrl = '/list/'
  override getQueryset() {
    return BlogPost.objects.filter({ votes__gt: 0 })
  }
}

const urlpatterns = [
  path('add/', Create.asView({ fields: FIELDS, extraContext: { more: 'm' } })),
  path('add-to/', Create.asView({ fields: FIELDS, successUrl: '/done/{id}/{slug}/' })),
  path('add-form/', CreateByForm.asView()),
  path('add-initial/', Initial.asView()),
  path('add-prefixed/', CreateByForm.asView({ prefix: 'p' })),
  path('<int:pk>/', Detail.asView()),
  path('<int:pk>/edit/', Update.asView({ fields: FIELDS })),
  path('<int:pk>/delete/', Delete.asView({ successUrl: '/list/' })),
  path('by/<slug:slug>/edit/', Update.asView({ fields: ['title', 'slug'], successUrl: '/list/' })),
  path('by/<slug:slug>/delete/', Delete.asView({ successUrl: '/gone/{slug}/' })),
  path('named/<int:pk>/edit/', Update.asView({ fields: ['title'], contextObjectName: 'post' })),
  path('suffixed/<int:pk>/edit/', Update.asView({ fields: ['title'], templateNameSuffix: '_changing' })),
  path('own/<int:pk>/edit/', Update.asView({ fields: ['title'], templateName: 'own.html' })),
  path('live/<int:pk>/edit/', LiveUpdate.asView()),
  path('live/<int:pk>/delete/', LiveDelete.asView()),
  path('found/edit/', Found.asView()),
  path('contact/', Contact.asView()),
]

const template = (name: string): string =>
  `${name}|{{ object.title }}|{{ blogpost.title }}|{{ post.title }}|{{ more }}|{% if view %}view{% endif %}|` +
  '{{ form.asP }}'
const names = ['form', 'detail', 'confirm_delete', 'changing'].map((name) => `shop/blogpost_${name}.html`)

export const databases = defineDatabases({ default: 'sqlite::memory:' })
export const site = defineSettings({
  secretKey: 'secret',
  allowedHosts: ['testserver'],
  databases,
  logger: {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
  },
  rootUrlconf: urlpatterns,
  templates: {
    loaders: [memorySource(Object.fromEntries([...names, 'own.html'].map((name) => [name, template(name)])))],
  },
})

export const makeTables = (): Promise<unknown> => createTables(databases.default, [BlogPost])

async function fill(): Promise<void> {
  await BlogPost.objects.all().delete()
  await BlogPost.objects.create({ id: 1, title: 'First', slug: 'first', body: '<p>', votes: 1 })
  await BlogPost.objects.create({ id: 2, title: 'Second', slug: 'second' })
}

/** What Django has only since 5: what is wrong is tied to its field for screen readers. */
const newer =
  / aria-invalid="true" aria-describedby="[^"]*_error"|(?<=<ul class="errorlist") id="[^"]*_error"/g

export async function answer(one: ViewCase): Promise<unknown> {
  await databases.run(fill)
  const body = one.form === undefined ? null : { multipart: one.form }
  const response = await new Client(site).request(one.method, one.path, body)
  const rows = await databases.run(() =>
    BlogPost.objects.valuesList('id', 'title', 'slug', 'body', 'votes', 'secret').toArray(),
  )
  return {
    status: response.status,
    location: response.header('Location') ?? null,
    allow: response.header('Allow') ?? null,
    body: response.status === 200 ? response.text.replaceAll(newer, '') : null,
    rows,
  }
}

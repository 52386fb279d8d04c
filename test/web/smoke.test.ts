import { expect, test } from 'vitest'
import {
  Client,
  defineSettings,
  HttpResponse,
  include,
  path,
  redirect,
  rePath,
  type HttpRequest,
} from 'portico/web'

const hello = () => new HttpResponse('hello')
const detail = (_request: HttpRequest, { slug, year }: { slug: string; year: number }) =>
  new HttpResponse(`${slug} ${year + 1}`)

const settings = defineSettings({
  secretKey: 'k',
  allowedHosts: ['testserver'],
  rootUrlconf: [
    path('', hello, { name: 'home' }),
    path('a/<int:year>/<slug:slug>/', detail, { name: 'detail' }),
    rePath(/^archive\/(?<year>[0-9]{4})\/$/, (_r, { year }: { year: string }) => new HttpResponse(year)),
    path('in/', include([path('go/', (r) => redirect(r, 'detail', { slug: 'x', year: 3 }))])),
    path('echo/', async (request) => new HttpResponse(JSON.stringify([...(await request.form()).fields]))),
  ],
})

test('a site answers', async () => {
  const client = new Client(settings)
  expect((await client.get('/')).text).toBe('hello')
  expect((await client.get('/a/2020/my-slug/')).text).toBe('my-slug 2021')
  expect((await client.get('/a/x/my-slug/')).status).toBe(404)
  expect((await client.get('/archive/2020/')).text).toBe('2020')
  const gone = await client.get('/in/go/', { follow: true })
  expect(gone.text).toBe('x 4')
  expect(gone.redirectChain).toEqual([['/a/3/x/', 302]])
  expect((await client.post('/echo/', { form: { a: '1', b: ['2', '3'] } })).text).toBe(
    '[["a","1"],["b","3"]]',
  )
  const upload = { a: 'ü', f: { name: '../x.txt', content: 'data' } }
  expect((await client.post('/echo/', { multipart: upload })).text).toBe('[["a","ü"]]')
})

/** Times are shown and read in one zone: the settings', or the one that a middleware gives the visitor. */
import { describe, expect, it } from 'vitest'
import { Client } from 'portico/testing'
import { bindTimeZone } from '../../../src/web/time-zones/current-time-zone.ts'
import { memorySource } from '../../../src/web/template/template-source.ts'
import {
  currentTimeZone,
  defineSettings,
  f,
  getWsgiApplication,
  HttpResponse,
  model,
  modelForm,
  ModelRegistry,
  path,
  render,
  withTimeZone,
  type HttpRequest,
} from 'portico/web'

const Meeting = model('Meeting', { at: f.dateTime() }, { registry: new ModelRegistry() })
const MeetingForm = modelForm(Meeting, { fields: ['at'] })
const MOMENT = new Date('2026-07-15T10:00:00Z')

const urlpatterns = [
  path('show/', (request: HttpRequest) => render(request, 'show.html', { moment: MOMENT })),
  path(
    'shown/',
    () => new HttpResponse(MeetingForm.make({ initial: { at: MOMENT } }).fields['at']?.value ?? ''),
  ),
  path('read/', async (request: HttpRequest) => {
    const form = MeetingForm.make({ data: (await request.form()).fields })
    if (await form.isValid()) return new HttpResponse(form.cleanedData.at.toISOString())
    return new HttpResponse((form.errors.get('at') ?? []).join(), { status: 400 })
  }),
]

function settingsIn(timeZone: string): ReturnType<typeof defineSettings> {
  return defineSettings({
    secretKey: 'a secret of this test alone',
    allowedHosts: ['testserver'],
    timeZone,
    middleware: [
      (next) => (request) => {
        const own = request.headers.get('X-Zone')
        return own === undefined ? next(request) : withTimeZone(own, () => next(request))
      },
    ],
    rootUrlconf: { urlpatterns },
    templates: { loaders: [memorySource({ 'show.html': '{{ moment|date:"H:i e" }}' })] },
  })
}

describe.each([
  ['UTC', '10:00 UTC', '2026-07-15 10:00:00', '2026-07-15T10:00:00.000Z'],
  ['Europe/Berlin', '12:00 CEST', '2026-07-15 12:00:00', '2026-07-15T08:00:00.000Z'],
])('a site in %s', (timeZone, inTemplate, inForm, read) => {
  const client = new Client(settingsIn(timeZone))

  const get = async (at: string, zone?: string): Promise<string> =>
    (await client.get(at, zone === undefined ? {} : { headers: { 'X-Zone': zone } })).text
  const post = async (at: string, zone?: string): Promise<readonly [number, string]> => {
    const options = zone === undefined ? {} : { headers: { 'X-Zone': zone } }
    const { status, text } = await client.post('/read/', { form: { at } }, options)
    return [status, text]
  }

  it('shows times in it, in templates and in forms', async () => {
    expect(await get('/show/')).toBe(inTemplate)
    expect(await get('/shown/')).toBe(inForm)
  })

  it('reads times in it, unless they name an offset', async () => {
    expect(await post('2026-07-15 10:00')).toEqual([200, read])
    expect(await post('2026-07-15T10:00:00+05:30')).toEqual([200, '2026-07-15T04:30:00.000Z'])
  })

  it('gives a visitor another', async () => {
    expect(await get('/show/', 'Asia/Tokyo')).toBe('19:00 +09')
    expect(await get('/shown/', 'Asia/Tokyo')).toBe('2026-07-15 19:00:00')
    expect(await post('2026-07-15 10:00', 'Asia/Tokyo')).toEqual([200, '2026-07-15T01:00:00.000Z'])
  })

  it.each(['2026-03-29 02:30', '2026-10-25 02:30:00'])(
    'refuses %s where it is not one moment',
    async (at) => {
      const [status, text] = await post(at, 'Europe/Berlin')
      expect(status).toBe(400)
      expect(text).toMatch(
        /^2026-\d\d-\d\d 02:30:00 couldn’t be interpreted in time zone Europe\/Berlin; it may/,
      )
    },
  )
})

it('is UTC outside of requests, and refuses what is no time zone', () => {
  expect(currentTimeZone()).toBe('UTC')
  expect(withTimeZone('Asia/Tokyo', currentTimeZone)).toBe('Asia/Tokyo')
  expect(() => withTimeZone('Mars/Olympus', () => 0)).toThrow(RangeError)
})

it('is the application’s outside of its requests, as in timers that it starts', async () => {
  getWsgiApplication(settingsIn('Asia/Tokyo'))
  expect(currentTimeZone()).toBe('Asia/Tokyo')
  expect(MeetingForm.make({ initial: { at: MOMENT } }).fields['at']?.value).toBe('2026-07-15 19:00:00')
  const hidden = bindTimeZone('Europe/Berlin')
  const last = bindTimeZone('Asia/Kolkata')
  hidden()
  expect(currentTimeZone()).toBe('Asia/Kolkata')
  getWsgiApplication(settingsIn('Africa/Lagos'))
  last()
  last()
  expect(currentTimeZone()).toBe('Africa/Lagos')
  expect((await new Client(settingsIn('Europe/Berlin')).get('/show/')).text).toBe('12:00 CEST')
  getWsgiApplication(settingsIn('UTC'))
})

it('a site in UTC is in UTC, wherever it is asked', async () => {
  const client = new Client(settingsIn('UTC'))
  const response = await withTimeZone('Asia/Tokyo', async () => client.get('/show/'))
  expect(response.text).toBe('10:00 UTC')
})

it('a site in no time zone does not start', () => {
  expect(() => new Client(settingsIn('Mars/Olympus'))).toThrow('"Mars/Olympus" is no time zone')
})

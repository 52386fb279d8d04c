/** What a program that imports every entry point looks like; package.test.ts compiles and runs it. */
import { checkConf, ConfigError, parseConf, startServer, type ConfReport, type PorticoServer } from 'portico'
import { validator, type Application } from 'portico/gateway'
import { Client, testSite } from 'portico/testing'
import { defineSettings, f, getWsgiApplication, HttpResponse, model, path, type Instance } from 'portico/web'

export const Note = model('Note', { text: f.char({ max: 20 }), created: f.dateTime({ autoNowAdd: true }) })
const textOf = (note: Instance<typeof Note>): string => note.text

// @ts-expect-error the parameters are typed from the route, which has none of this name
const typed = path('n/<int:id>/', (_request, { name: _name }) => new HttpResponse('a number'))
const settings = defineSettings({
  secretKey: 'a key of fifty letters at least, so that nothing is said',
  allowedHosts: ['localhost', '127.0.0.1', 'testserver'],
  rootUrlconf: { urlpatterns: [typed] },
})
const urlpatterns = [path('hello/<slug:name>/', (_request, { name }) => new HttpResponse(`hello, ${name}`))]
const application: Application = validator(getWsgiApplication({ ...settings, rootUrlconf: { urlpatterns } }))

const report: ConfReport = checkConf({ text: 'lisen;' })
const text =
  'events { } http { access_log off; server { listen 127.0.0.1:8080; location / { app_pass site; } } }'
const server: PorticoServer = await startServer({ text, anyPort: true, applications: { site: application } })
const answer = await fetch(`http://${server.addresses.get('127.0.0.1:8080') ?? ''}/hello/you/`)
const said = await answer.text()
await server.stop()

const results = {
  said,
  faults: report.faults.map(({ message }) => message),
  statements: parseConf({ text }).map(({ name }) => name),
  kinds: [typeof Client, typeof testSite, typeof textOf, ConfigError.name],
}
process.stdout.write(JSON.stringify(results))

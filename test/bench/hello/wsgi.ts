/** "hello" with the middleware of a new project: what test/bench/django/site.py is in Django. */
import { defaultMiddleware, defineSettings, getWsgiApplication, HttpResponse, path } from 'portico/web'

const settings = defineSettings({
  secretKey: 'bench-only',
  allowedHosts: ['*'],
  middleware: defaultMiddleware,
  rootUrlconf: { urlpatterns: [path('', () => new HttpResponse('hello'))] },
})

export const application = getWsgiApplication(settings)

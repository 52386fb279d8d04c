/** Our front before a real Django under a real uWSGI: somebody's existing site. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWithPeer } from '../support/peer.ts'
import { PorticoServer } from '../support/portico-server.ts'
import { CookieClient } from '../support/cookie-client.ts'

const PROJECT = fileURLToPath(new URL('../support/django-project.py', import.meta.url))

describeWithPeer(['uwsgi', 'python3'], 'the front before Django under uWSGI', (uwsgi, python) => {
  let folder: string
  let backend: ChildProcess
  let server: PorticoServer
  let client: CookieClient

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'portico-django-'))
    const env = { ...process.env, DJANGO_FOLDER: folder }
    execFileSync(python, [PROJECT, 'setup'], { env })
    const socket = join(folder, 'uwsgi.sock')
    backend = spawn(
      uwsgi,
      [
        '--plugin',
        'python3',
        '--socket',
        socket,
        '--master',
        '--processes',
        '2',
        '--die-on-term',
        '--need-app',
        '--wsgi-file',
        PROJECT,
      ],
      { env, stdio: 'ignore' },
    )
    const staticFiles = execFileSync(python, [
      '-c',
      'import django.contrib.admin as a; print(a.__path__[0] + "/static/")',
    ])
    server = await PorticoServer.start({
      conf: `
        error_log stderr info;
        http {
          include ${fileURLToPath(new URL('../../conf/mime.types', import.meta.url))};
          access_log off;
          server {
            listen 127.0.0.1:%PORT%;
            location /static/ { alias ${staticFiles.toString().trim()}; }
            location / {
              include ${fileURLToPath(new URL('../../conf/uwsgi_params', import.meta.url))};
              uwsgi_pass unix:${socket};
            }
          }
        }`,
    })
    client = new CookieClient(`http://127.0.0.1:${server.port}`)
    await server.waitFor(() => existsSync(socket), 'the socket of uWSGI')
  })

  afterAll(async () => {
    await end(backend)
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('shows the sign-in page of the admin with its style sheet from disk', async () => {
    const page = await client.get('/admin/login/')
    expect(page.status).toBe(200)
    expect(page.text).toContain('csrfmiddlewaretoken')
    const sheet = /href="(\/static\/admin\/css\/[^"]+\.css)"/.exec(page.text)?.[1] ?? ''
    const css = await client.get(sheet)
    expect(css.status).toBe(200)
    expect(css.headers.get('content-type')).toContain('text/css')
    expect(css.headers.get('etag')).toMatch(/^"/)
  })

  it('redirects to the sign-in page', async () => {
    const answer = await client.get('/admin/')
    expect(answer.status).toBe(302)
    expect(answer.headers.get('location')).toBe('/admin/login/?next=/admin/')
  })

  it('signs in and saves a change', async () => {
    const form = await client.get('/admin/login/')
    const signedIn = await client.post('/admin/login/?next=/admin/', {
      csrfmiddlewaretoken: tokenOf(form.text),
      username: 'admin',
      password: 'secret',
      next: '/admin/',
    })
    expect(signedIn.status).toBe(302)
    const add = await client.get('/admin/auth/group/add/')
    const saved = await client.post('/admin/auth/group/add/', {
      csrfmiddlewaretoken: tokenOf(add.text),
      name: 'Gärtner',
    })
    expect(saved.status).toBe(302)
    const list = await client.get('/admin/auth/group/')
    expect(list.text).toContain('Gärtner')
    expect(list.text).toContain('was added successfully')
  })

  it('passes method, query, body and fields', async () => {
    const answer = await client.request('PUT', '/echo/?a=1&b=%20', 'x'.repeat(300_000), {
      'x-one': 'two',
      x_bad: '1',
    })
    expect(answer.status).toBe(403) // no CSRF token: Django saw an unsafe method
    const plain = await client.request('GET', '/echo/?a=1&b=%20', undefined, { 'x-one': 'two' })
    expect(JSON.parse(plain.text)).toMatchObject({
      method: 'GET',
      path: '/echo/',
      query: 'a=1&b=%20',
      headers: { HTTP_X_ONE: 'two' },
    })
  })

  it('gives the status of an application error', async () => {
    expect((await client.get('/boom/')).status).toBe(500)
  })

  it('answers 502 once the application is gone', async () => {
    await end(backend)
    const answer = await client.get('/echo/')
    expect(answer.status).toBe(502)
    await server.waitFor(
      () => server.output.includes('while connecting to upstream'),
      'the line in the error log',
    )
  })
})

function tokenOf(page: string): string {
  return /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page)?.[1] ?? ''
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const gone = new Promise((resolve) => child.on('exit', resolve))
  child.kill('SIGTERM')
  await gone
}

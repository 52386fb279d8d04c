import { expect, test } from 'vitest'
import { demoSite, signUp } from './support/site.ts'

/** The stages of a page, in its order. */
function stagesIn(text: string): string[] {
  return [...text.matchAll(/aria-hidden="true"><\/span>([^<]*)<span class="hint">/g)].map(
    (match) => match[1] ?? '',
  )
}

test('the page shows the way of its own request, in and out', async () => {
  const site = await demoSite()
  const startUs = (Date.now() - 5) * 1000
  const environ = { PORTICO_TRACE: `front=${startUs}:2000` }
  const response = await site.visitor().get('/how/', { environ })
  expect(response.status).toBe(200)
  expect(stagesIn(response.text)).toEqual([
    'Front',
    'Gateway',
    'houseRules',
    'SecurityMiddleware, in',
    'SessionMiddleware, in',
    'CommonMiddleware, in',
    'CsrfViewMiddleware, in',
    'AuthenticationMiddleware, in',
    'MessageMiddleware, in',
    'URLconf',
    'CsrfViewMiddleware, view',
    'View how',
    'Query',
    'Template how.html',
    'XFrameOptionsMiddleware, out',
    'MessageMiddleware, out',
    'CsrfViewMiddleware, out',
    'CommonMiddleware, out',
    'SessionMiddleware, out',
    'SecurityMiddleware, out',
  ])
  expect(response.text).toContain('20 stages')
  expect(response.text.indexOf('</html>')).toBe(response.text.trimEnd().length - '</html>'.length)
})

test('signed in, the page shows the queries for session and user too', async () => {
  const site = await demoSite()
  const ada = site.visitor()
  await signUp(ada, 'Ada')
  await ada.get('/')
  const { text } = await ada.get('/how/')
  expect(stagesIn(text).filter((stage) => stage === 'Query')).toHaveLength(3)
  expect(text).toContain('from &quot;portico_session&quot;')
  expect(text).toContain('from &quot;auth_user&quot;')
  // The statement is shown, its values are not.
  expect(text).not.toContain(ada.cookies.get('sessionid'))
})

test('what a browser says is shown as it was said', async () => {
  const site = await demoSite()
  const { text } = await site.visitor().get('/how/?q=<script>alert(1)</script>', {
    headers: { 'User-Agent': '<!--stages--><b>ü</b>', Cookie: 'token=s3cret; theme=dark' },
  })
  expect(text).toContain('q=&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(text).toContain('&lt;!--stages--&gt;&lt;b&gt;ü&lt;/b&gt;')
  expect(text).toContain('token, theme (the values are yours)')
  expect(text).not.toContain('s3cret')
  expect(text).not.toContain('<script>alert')
})

test('a front that says nothing is no stage', async () => {
  const site = await demoSite()
  const { text } = await site.visitor().get('/how/', { environ: { PORTICO_TRACE: 'front=nonsense' } })
  expect(stagesIn(text)[0]).toBe('houseRules')
})
